/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_BENCH_ACCESS_POINT_H
#define WIZHIL_BENCH_ACCESS_POINT_H

#include "bench/state.h"

/* The access point, which all devices have in common: switched by commands of the bench file.  Where the
 * module is the access point, the station that this host is stands for it: it leaves and joins. */

/* Switches it, and sees to the command's end: the session host's 'access_point', of the bench. */
int access_point_switch(void *bench, bool up, struct error *err);
void access_point_finish(struct bench *bench);
/* Switches it on again where a session has left it off, and waits for that; a trouble goes into the
 * journal.  For the end of a session, whatever ended it, and that of the run. */
void access_point_restore(struct bench *bench);
/* No network was found for the device at the start of the run: switches the access point on, once,
 * where there are commands for it.  Whether trying again is of use. */
bool access_point_mend(struct bench *bench, const struct device *device);
/* Where the module is the access point: this host joins its network, which is new, if there is a
 * command for it.  The command ends later: access_point_is_at_work().  -1 with err set. */
int access_point_join(struct bench *bench, struct error *err);
bool access_point_is_at_work(const struct bench *bench);
/* Asks the device for its hardware address, which whoever is on the network answers. */
int access_point_ask(struct bench *bench, struct device *device, struct error *err);
/* A frame of the device was seen on the network. */
void access_point_heard(struct bench *bench, const struct device *device, int64_t t_ns);
/* The end of the bench: as _restore(), and what is still at work is waited for. */
void access_point_close(struct bench *bench);
/* The session on the device that works the access point; NULL. */
struct session *access_point_session(const struct bench *bench, const struct device *device);

#endif

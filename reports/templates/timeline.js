// A picture that one can walk through.  All it knows it reads from the picture: the titles of the marks
// and windows, what lies in a break from <desc>, and where times are from data-axis.
'use strict';
const timelines = (() => {
	const NS = 'http://www.w3.org/2000/svg';
	const all = (selector, root) => [...root.querySelectorAll(selector)];
	const make = (name, parent, text = '', kind = '') => {
		const element = document.createElement(name);
		element.textContent = text;
		if (kind)
			element.className = kind;
		parent.append(element);
		return element;
	};
	const draw = (name, parent, attributes) => {
		const element = document.createElementNS(NS, name);
		for (const [key, value] of Object.entries(attributes))
			element.setAttribute(key, value);
		parent.append(element);
		return element;
	};
	const round = (number) => Math.round(number * 10) / 10;

	/* What is drawn of each, and which of several at one place: the one of the highest rank. */
	const looks = {
		'probe': ['probe', 7], 'answer': ['answer', 4], 'data': ['data', 5], 'retransmission': ['resent', 5],
		'SYN': ['syn', 3], 'FIN': ['fin', 8], 'RST': ['rst', 9], 'RST answer': ['rst', 9], 'plain': ['ack', 1],
		'stray': ['stray', 2], 'notice': ['notice', 10], 'command': ['command', 3], 'listing': ['listing', 2],
		'response': ['response', 1],
	};
	const lookOf = (event) => looks[event.what] || ['odd', 6];

	/* "150.000 s probe, frame 4, seq 0 ack 1", "3.000 s c1: > AT+CID=?" */
	const parse = (line, lane) => {
		const [, t, said] = line.match(/^(-?[\d.]+) s ([^]*)$/) || [];
		if (t === undefined)
			return null;
		const event = {t: Number(t), said, line, lane, what: 'response'};
		if (lane.uart) {
			const [, , what, sign] = said.match(/^([^<>]*?: )?(notice )?([<>])/) || [];
			event.what = what ? 'notice' : sign === '>' ? 'command' : /CID (not )?in /.test(said) ? 'listing' :
				/octets? delivered/.test(said) ? 'data' : 'response';
			return event;
		}
		const packet = said.match(/^([^,]*?)( of \d+)?(, bad checksum)?(?:, frame (\d+))?( answers \d+)?(?:, seq (\d+))?(?: ack (\d+))?$/);
		if (packet)
			Object.assign(event, {what: packet[1], frame: packet[4], seq: packet[6], ack: packet[7]});
		return event;
	};

	class Timeline {
		constructor(figure, svg) {
			this.figure = figure;
			this.svg = svg;
			this.scale = 1;
			this.offset = 0;
			this.chosen = null;
			this.tools();
			this.caption = make('figcaption', figure);
			this.caption.setAttribute('aria-live', 'polite');
			svg.tabIndex = 0;
			const wake = () => this.wake();
			svg.addEventListener('pointerenter', wake);
			svg.addEventListener('focus', wake);
			svg.addEventListener('keydown', (event) => this.key(event));
			svg.addEventListener('blur', () => this.choose(null));
			svg.addEventListener('wheel', (event) => this.wheel(event), {passive: false});
			svg.addEventListener('pointermove', (event) => this.point(event));
			svg.addEventListener('pointerleave', () => this.tell(null));
			svg.addEventListener('pointerdown', (event) => this.grab(event));
			svg.addEventListener('dblclick', (event) => this.zoom(4, this.at(event)[0]));
		}

		/* ---- what the picture says ---- */
		wake() {
			if (this.lanes)
				return;
			const svg = this.svg;
			const pieces = svg.dataset.axis.split(/([ ~])/);
			const points = pieces.filter((_, i) => i % 2 === 0).map((end) => end.split(':').map(Number));
			this.runs = [];
			for (let i = 1; i < points.length; i++) {
				const run = {t0: points[i - 1][0], x0: points[i - 1][1], t1: points[i][0], x1: points[i][1],
					broken: pieces[2 * i - 1] === '~'};
				this.runs.push(run);
			}
			this.left = points[0][1];
			this.right = points.at(-1)[1];
			this.height = svg.viewBox.baseVal.height;
			this.width = svg.viewBox.baseVal.width;
			const names = all('text.n', svg).map((name) => name.textContent);
			this.several = names.length > 1;
			this.lanes = all('.m', svg).map((group, i) => ({group, uart: i === 0,
				out: i % 2 === 1, name: i === 0 ? '' : names[(i - 1) >> 1] || '',
				y: Number(group.getAttribute('transform').match(/ ([\d.]+)\)/)[1])}));
			this.events = [];
			for (const lane of this.lanes) {
				const before = all('desc, title', lane.group).flatMap((one) => one.textContent.split('\n'));
				lane.events = before.map((line) => parse(line, lane)).filter(Boolean).sort((a, b) => a.t - b.t);
				lane.events.forEach((event, i) => {
					event.x = this.place(event.t);
					event.before = i > 0 ? lane.events[i - 1] : null;
				});
				this.events.push(...lane.events);
			}
			this.events.sort((a, b) => a.t - b.t);
			this.windows = all('rect.w', svg).map((element) => this.window(element));
			for (const window of this.windows)
				for (const leg of window.legs)
					for (const event of window.lane ? window.lane.events : [])
						if (leg.seen !== undefined && Math.abs(event.t - leg.seen) < 0.0006)
							(event.legs = event.legs || []).push(leg);
			this.keep();
			for (const title of all('.m title, .m desc, .w title', svg))
				title.remove(); /* the browser's own tooltip would cover ours */
			this.tip = make('div', this.figure, '', 'tip');
			this.tip.hidden = true;
			this.ring = draw('circle', svg, {'class': 'ring', r: 10});
			this.ring.remove();
			this.redraw();
		}

		window(element) {
			const y = Number(element.getAttribute('y')) + Number(element.getAttribute('height')) / 2;
			const lane = this.lanes.find((one) => Math.abs(one.y - y) < 2);
			const legs = (element.querySelector('title') || {textContent: ''}).textContent.split('\n').map((line) => {
				const [, from, to, seen] = line.match(/expected (-?[\d.]+)\.\.(-?[\d.]+) s(?:, seen at (-?[\d.]+) s)?/) || [];
				return {line, from: Number(from), to: Number(to), seen: seen && Number(seen)};
			});
			return {element, lane, legs, x: this.number(element, 'x'), width: this.number(element, 'width'),
				bad: !element.classList.contains('pass')};
		}

		number(element, name) {
			return Number(element.getAttribute(name));
		}

		/* What moves, and where it was. */
		keep() {
			const svg = this.svg;
			const old = (element, ...names) => ({element, ...Object.fromEntries(names.map((name) => [name, this.number(element, name)]))});
			this.spans = all('rect.s, rect.silence', svg).map((one) => old(one, 'x', 'width'));
			this.texts = all('text.st, text.o', svg).map((one) => old(one, 'x'));
			this.base = all('.base use', svg).map((one) => old(one, 'x'));
			this.rings = all('circle.o', svg).map((one) => old(one, 'cx'));
			this.faults = all('g.f', svg).map((one) => ({rect: old(one.querySelector('rect'), 'x', 'width'),
				use: old(one.querySelector('use'), 'x')}));
			this.breaks = all('g.b', svg).map((element) => ({element, html: element.innerHTML,
				x: Number(element.getAttribute('transform').match(/\(([\d.]+)/)[1])}));
			this.measures = all('g.d', svg).map((group) => {
				const path = group.querySelector('path'), text = group.querySelector('text');
				const [, from, y, to] = path.getAttribute('d').match(/^M([-\d.]+) ([-\d.]+)v9m0-4H([-\d.]+)/);
				return {group, path, text, d: path.getAttribute('d'), x: this.number(text, 'x'), from: Number(from),
					y, to: Number(to)};
			});
			this.ticks = svg.querySelector('path.g');
		}

		/* ---- where things are ---- */
		place(t) {
			for (const run of this.runs)
				if (t <= run.t1 + 0.0006)
					return run.t1 === run.t0 ? run.x0 : run.x0 + Math.max(0, Math.min(1, (t - run.t0) / (run.t1 - run.t0))) * (run.x1 - run.x0);
			return this.right;
		}

		time(x) {
			const run = this.runs.find((one) => x <= one.x1) || this.runs.at(-1);
			return run.x1 === run.x0 ? run.t0 : run.t0 + (x - run.x0) / (run.x1 - run.x0) * (run.t1 - run.t0);
		}

		/* Is it in a break of the picture as it was? */
		hidden(event) {
			return this.runs.some((run) => run.broken && event.t > run.t0 + 0.0006 && event.t < run.t1 - 0.0006);
		}

		/* From the picture as it was to the one that is seen, and back. */
		to(x) {
			return this.left + (x - this.left) * this.scale - this.offset;
		}

		from(x) {
			return this.left + (x - this.left + this.offset) / this.scale;
		}

		seen(x, more = 1) {
			return x >= this.left - more && x <= this.right + more;
		}

		clamp(x) {
			return Math.max(this.left, Math.min(this.right, x));
		}

		/* ---- draw ---- */
		span({element, x, width}, least = 0) {
			let from = this.to(x), to = this.to(x + width);
			if (to - from < least)
				[from, to] = [(from + to - least) / 2, (from + to + least) / 2];
			const out = to < this.left - 4 || from > this.right + 4;
			element.toggleAttribute('hidden', out);
			element.style.display = out ? 'none' : '';
			element.setAttribute('x', round(this.clamp(from)));
			element.setAttribute('width', round(Math.max(this.clamp(to) - this.clamp(from), Math.min(least, 2))));
		}

		put(element, name, x, shown = true) {
			element.style.display = shown && this.seen(x) ? '' : 'none';
			element.setAttribute(name, round(x));
		}

		redraw() {
			for (const span of this.spans)
				this.span(span);
			for (const window of this.windows) {
				const [leg] = window.legs;
				if (this.scale > 1 && leg && leg.to >= leg.from) {
					const x = this.place(Math.max(leg.from, this.runs[0].t0));
					this.span({element: window.element, x, width: this.place(leg.to) - x}, 6);
				} else {
					this.span(window, 6);
				}
			}
			for (const {element, x} of this.texts) {
				/* The name of a state stays in sight as long as the state does. */
				const state = element.classList.contains('st') &&
					this.spans.find((one) => one.element.nextElementSibling === element);
				if (state && this.scale > 1) {
					const from = this.clamp(this.to(state.x)) + 5;
					this.put(element, 'x', from, this.clamp(this.to(state.x + state.width)) - from > 6 * element.textContent.length);
				} else {
					this.put(element, 'x', this.to(x));
				}
			}
			for (const {element, cx} of this.rings)
				this.put(element, 'cx', this.to(cx));
			for (const {element, x} of this.base)
				this.put(element, 'x', this.to(x));
			for (const {rect, use} of this.faults) {
				this.span(rect, 2);
				this.put(use.element, 'x', this.to(use.x));
			}
			this.drawBreaks();
			this.drawMeasures();
			this.drawRuler();
			for (const lane of this.lanes)
				this.drawLane(lane);
			this.follow();
		}

		drawBreaks() {
			const broken = this.runs.filter((run) => run.broken);
			this.breaks.forEach(({element, html, x}, i) => {
				const run = broken[i];
				if (this.scale === 1) {
					element.innerHTML = html;
					element.setAttribute('transform', 'translate(' + x + ' 0)');
				} else {
					const from = this.clamp(this.to(run.x0)), to = this.clamp(this.to(run.x1));
					element.innerHTML = '';
					element.setAttribute('transform', 'translate(' + round(from) + ' 0)');
					if (to - from > 2)
						draw('rect', element, {'class': 'open', x: 0, y: 16, width: round(to - from), height: this.height});
				}
			});
		}

		drawMeasures() {
			for (const one of this.measures) {
				const from = this.to(one.from), to = this.to(one.to), a = this.clamp(from), b = this.clamp(to);
				const width = 6 * one.text.textContent.length;
				one.group.style.display = to < this.left || from > this.right ? 'none' : '';
				one.path.setAttribute('d', this.scale === 1 ? one.d : 'M' + round(a) + ' ' + one.y + (from < this.left ? 'm0 5' : 'v9m0-4') +
					'H' + round(b) + (to > this.right ? '' : 'm0-5v9'));
				const x = this.scale === 1 ? one.x : b - a > width + 12 ? (a + b - width) / 2 : b + 8 + width < this.width ? b + 8 : a - 8 - width;
				one.text.setAttribute('x', round(Math.max(0, x)));
			}
		}

		drawRuler() {
			for (const text of all('text.t', this.svg))
				text.remove();
			let d = '', free = -100;
			const label = (x, text) => {
				const half = 3.1 * text.length + 2.5;
				if (!this.seen(x) || x - half < free)
					return;
				draw('text', this.svg, {'class': 't', x: round(x), y: 11}).textContent = text;
				d += 'M' + round(x) + ' 16v' + (this.height - 20);
				free = x + half;
			};
			const steps = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 15, 25, 75, 150, 300, 600, 1200, 2400, 7200, 28800];
			for (const run of this.runs) {
				const from = Math.max(run.x0, this.from(this.left)), to = Math.min(run.x1, this.from(this.right));
				const length = run.t1 - run.t0;
				if (to <= from || length <= 0)
					continue;
				if (run.broken && this.scale === 1) {
					free = (run.x0 + run.x1) / 2 + 3.1 * (String(Math.round(length)).length + 3) + 2.5;
					continue;
				}
				const scale = (run.x1 - run.x0) * this.scale / length;
				const step = steps.find((one) => one * scale >= 60) || 86400;
				const end = this.time(to);
				for (let i = Math.ceil(this.time(from) / step - 1e-6); i * step <= end + 1e-6; i++)
					label(this.to(this.place(i * step)), Number((i * step).toFixed(3)) + ' s');
			}
			if (this.ticks)
				this.ticks.setAttribute('d', d || 'M0 0');
		}

		drawLane(lane) {
			lane.group.textContent = '';
			lane.marks = [];
			let mark = null;
			for (const event of lane.events) {
				const x = this.to(event.x);
				if (!this.seen(x, 4) || (this.scale === 1 && this.hidden(event)))
					continue;
				if (!mark || x - mark.x > 3) {
					mark = {x, lane, events: []};
					lane.marks.push(mark);
				}
				mark.events.push(event);
			}
			lane.marks.forEach((one, i) => {
				const [symbol] = one.events.map(lookOf).reduce((best, look) => look[1] > best[1] ? look : best);
				const count = one.events.length, next = lane.marks[i + 1];
				one.element = draw('use', lane.group, {href: '#' + symbol, x: round(one.x)});
				if (count > 1 && (!next || next.x - one.x > 10 + 6 * String(count).length))
					draw('text', lane.group, {x: round(one.x + 5), y: -4}).textContent = count;
			});
		}

		marks() {
			return this.lanes.flatMap((lane) => lane.marks).sort((a, b) => a.x - b.x || a.lane.y - b.lane.y);
		}

		/* ---- what is said of a mark ---- */
		gap(event) {
			const last = event.before;
			return last === null || event.lane.uart ? '' : (event.t - last.t).toFixed(3);
		}

		lines(event) {
			const lines = [event.lane.name && this.several ? event.line + ', ' + event.lane.name : event.line];
			if (this.gap(event) && (event.what === 'probe' || event.legs))
				lines.push('\u2002' + this.gap(event) + ' s after the ' + event.before.what + ' before' +
					(event.before.frame ? ', frame ' + event.before.frame : ''));
			for (const leg of event.legs || [])
				lines.push('\u2002' + leg.line);
			return lines;
		}

		say(events) {
			const lines = events.slice(0, 8).flatMap((event) => this.lines(event));
			if (events.length > 8)
				lines.push('and ' + (events.length - 8) + ' more: zoom in, or open the list');
			return lines.join('\n');
		}

		at(event) {
			const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(this.svg.getScreenCTM().inverse());
			return [point.x, point.y];
		}

		point(event) {
			if (!this.lanes || this.drag)
				return;
			const [x, y] = this.at(event);
			let best = null, least = 11;
			for (const lane of this.lanes)
				for (const mark of Math.abs(lane.y - y) < 12 ? lane.marks : []) {
					const far = Math.hypot(mark.x - x, (lane.y - y) / 2);
					if (far < least)
						[best, least] = [mark, far];
				}
			if (best) {
				this.tell(best);
				return;
			}
			const titled = event.target.closest('rect.w, rect.s, g.f');
			const window = titled && this.windows.find((one) => one.element === titled);
			const text = window ? window.legs.map((leg) => leg.line).join('\n') :
				titled && titled.querySelector(':scope > title') ? titled.querySelector(':scope > title').textContent : '';
			this.tell(text ? {x, y, text} : null);
		}

		/* Tooltip, caption and list. */
		tell(mark) {
			if (!this.tip)
				return;
			const text = mark ? mark.text || this.say(mark.events) : '';
			this.tip.hidden = !mark;
			this.mark(mark && mark.events);
			if (!mark)
				return;
			this.tip.textContent = text;
			if (this.caption.textContent !== text)
				this.caption.textContent = text;
			const box = this.svg.getBoundingClientRect(), home = this.figure.getBoundingClientRect();
			const scale = box.width / this.width, y = mark.lane ? mark.lane.y : mark.y;
			const half = this.tip.offsetWidth / 2, x = box.left - home.left + mark.x * scale + this.figure.scrollLeft;
			this.tip.style.left = Math.max(this.figure.scrollLeft, Math.min(x - half, this.figure.scrollLeft + home.width - 2 * half)) + 'px';
			this.tip.style.top = box.top - home.top + (y + 16) * scale + 'px';
		}

		choose(mark) {
			this.chosen = mark && mark.events[0];
			if (!mark) {
				this.ring && this.ring.remove();
				this.tip && (this.tip.hidden = true);
				return;
			}
			this.follow();
			this.tell(mark);
		}

		/* The ring is where the chosen event is. */
		follow() {
			if (!this.chosen)
				return;
			const mark = this.markOf(this.chosen);
			if (!mark) {
				this.ring.remove();
				return;
			}
			this.ring.setAttribute('cx', round(mark.x));
			this.ring.setAttribute('cy', mark.lane.y);
			this.svg.append(this.ring);
		}

		markOf(event) {
			return event.lane.marks.find((mark) => mark.events.includes(event));
		}

		/* ---- zoom and pan ---- */
		look(scale, offset) {
			const wide = this.right - this.left;
			const least = Math.min(...this.runs.filter((run) => !run.broken && run.t1 > run.t0).map((run) => (run.x1 - run.x0) / (run.t1 - run.t0)));
			this.scale = Math.max(1, Math.min(scale, 20000 / (least || 1)));
			if (this.scale < 1.001)
				this.scale = 1;
			this.offset = Math.max(0, Math.min(offset, wide * (this.scale - 1)));
			this.figure.classList.toggle('zoomed', this.scale > 1);
			this.redraw();
		}

		zoom(factor, where) {
			this.wake();
			const x = where ?? (this.left + this.right) / 2;
			const at = this.from(x), scale = Math.max(1, this.scale * factor);
			this.look(scale, (at - this.left) * scale - (x - this.left));
		}

		pan(by) {
			this.wake();
			this.look(this.scale, this.offset + by);
		}

		fit() {
			this.wake();
			this.look(1, 0);
		}

		/* So that these times are seen, with some room. */
		show(t0, t1) {
			this.wake();
			const a = this.place(t0), b = this.place(t1), wide = this.right - this.left;
			const scale = Math.min(wide / Math.max((b - a) * 1.6, wide / 400), 400);
			this.look(scale, ((a + b) / 2 - this.left) * scale - wide / 2);
		}

		/* The next window that was not met. */
		deviation() {
			this.wake();
			const bad = this.windows.filter((one) => one.bad && one.legs[0].to >= one.legs[0].from)
				.sort((a, b) => a.legs[0].from - b.legs[0].from);
			if (!bad.length)
				return;
			this.last = this.last === undefined ? 0 : (this.last + 1) % bad.length;
			const [leg] = bad[this.last].legs;
			this.show(Math.min(leg.from, leg.seen ?? leg.from), Math.max(leg.to, leg.seen ?? leg.to));
			this.caption.textContent = leg.line;
			const event = bad[this.last].lane && bad[this.last].lane.events.find((one) => (one.legs || []).includes(leg));
			if (event && this.markOf(event))
				this.choose(this.markOf(event));
		}

		wheel(event) {
			const sideways = Math.abs(event.deltaX) > Math.abs(event.deltaY);
			if (!event.ctrlKey && document.activeElement !== this.svg)
				return; /* the page scrolls */
			this.wake();
			if (this.scale === 1 && (sideways || event.deltaY > 0))
				return;
			event.preventDefault();
			if (sideways || event.shiftKey)
				this.pan(event.deltaX || event.deltaY);
			else
				this.zoom(Math.exp(-event.deltaY / 300), this.at(event)[0]);
		}

		grab(event) {
			if (event.button !== 0 || this.scale === 1)
				return;
			const [begin] = this.at(event), offset = this.offset;
			const move = (moved) => {
				this.drag = true;
				this.tell(null);
				this.look(this.scale, offset - (this.at(moved)[0] - begin));
			};
			const end = () => {
				this.drag = false;
				this.svg.removeEventListener('pointermove', move);
			};
			this.svg.setPointerCapture(event.pointerId);
			this.svg.addEventListener('pointermove', move);
			for (const name of ['pointerup', 'pointercancel'])
				this.svg.addEventListener(name, end, {once: true});
		}

		key(event) {
			if (event.ctrlKey || event.altKey || event.metaKey)
				return;
			const step = {ArrowRight: 1, ArrowLeft: -1}[event.key];
			const wide = this.right - this.left;
			if (step && event.shiftKey)
				this.pan(step * wide / 4);
			else if (step)
				this.step(step);
			else if (event.key === 'Home' || event.key === 'End')
				this.step(event.key === 'Home' ? -Infinity : Infinity);
			else if (event.key === '+' || event.key === '=')
				this.zoom(2, this.chosen ? this.clamp(this.to(this.chosen.x)) : undefined);
			else if (event.key === '-')
				this.zoom(0.5, this.chosen ? this.clamp(this.to(this.chosen.x)) : undefined);
			else if (event.key === '0')
				this.fit();
			else if (event.key === 'd')
				this.deviation();
			else if (event.key === 'l')
				this.list();
			else
				return;
			event.preventDefault();
		}

		step(by) {
			const marks = this.marks();
			const mark = this.chosen && this.markOf(this.chosen);
			const at = mark ? marks.indexOf(mark) + by : by > 0 ? by - 1 : marks.length;
			const next = marks[Math.max(0, Math.min(marks.length - 1, at))];
			if (by === 1 && mark && at >= marks.length && this.scale > 1)
				this.pan((this.right - this.left) / 2);
			else if (by === -1 && mark && at < 0 && this.scale > 1)
				this.pan((this.left - this.right) / 2);
			else if (next)
				this.choose(next);
		}

		/* ---- buttons, and the list ---- */
		tools() {
			const tools = document.createElement('div');
			tools.className = 'tools';
			const button = (text, label, act) => {
				const one = make('button', tools, text);
				one.type = 'button';
				one.title = label;
				one.setAttribute('aria-label', label);
				one.addEventListener('click', () => {
					this.wake();
					act();
				});
				return one;
			};
			button('\u2212', 'zoom out (-)', () => this.zoom(0.5));
			button('+', 'zoom in (+)', () => this.zoom(2));
			button('fit', 'the whole picture (0)', () => this.fit());
			if (this.svg.querySelector('rect.w:not(.pass)'))
				button('deviation', 'to the next leg that is not as expected (d)', () => this.deviation());
			this.listButton = button('list', 'packets and lines of the UART as a list (l)', () => this.list());
			this.listButton.setAttribute('aria-expanded', 'false');
			this.figure.prepend(tools);
		}

		list() {
			this.wake();
			if (!this.rows)
				this.fill();
			this.box.hidden = !this.box.hidden;
			this.listButton.setAttribute('aria-expanded', String(!this.box.hidden));
			if (this.chosen && !this.box.hidden)
				this.mark([this.chosen]);
		}

		fill() {
			this.box = make('div', this.figure, '', 'packets');
			this.box.hidden = true;
			const table = make('table', this.box), head = make('tr', make('thead', table)), body = make('tbody', table);
			for (const name of ['time', ...this.several ? ['connection'] : [], '', 'what', 'frame', 'SEQ', 'ACK', 'gap', 'expected'])
				make('th', head, name);
			this.rows = new Map();
			for (const event of this.events) {
				const row = make('tr', body);
				make('td', row, event.t.toFixed(3) + ' s');
				if (this.several)
					make('td', row, event.lane.name);
				make('td', row, event.lane.uart ? 'UART' : event.lane.out ? '\u2192' : '\u2190');
				make('td', row, event.lane.uart ? event.said : event.what);
				for (const value of [event.frame, event.seq, event.ack, this.gap(event)])
					make('td', row, value || '');
				make('td', row, (event.legs || []).map((leg) => leg.line.replace(/, seen at .* s:/, ':')).join('; '));
				row.addEventListener('pointerenter', () => this.back(event, false));
				row.addEventListener('click', () => this.back(event, true));
				this.rows.set(event, row);
			}
		}

		/* From the list to the picture. */
		back(event, move) {
			let mark = this.markOf(event);
			if (!mark && move) {
				this.show(event.t - 1, event.t + 1);
				mark = this.markOf(event);
			}
			this.chosen = mark ? event : null;
			if (mark)
				this.follow();
			else
				this.ring.remove();
			this.mark([event], false);
			this.caption.textContent = this.lines(event).join('\n');
		}

		mark(events, scroll = true) {
			if (!this.rows || this.box.hidden)
				return;
			for (const row of all('tr.here', this.box))
				row.classList.remove('here');
			(events || []).forEach((event, i) => {
				const row = this.rows.get(event);
				row.classList.add('here');
				if (i === 0 && scroll)
					this.box.scrollTop = row.offsetTop - this.box.clientHeight / 2;
			});
		}
	}

	return {
		prepare(figure) {
			const svg = figure.querySelector('svg.timeline');
			if (!svg || figure.timeline)
				return;
			figure.timeline = new Timeline(figure, svg);
		},
	};
})();

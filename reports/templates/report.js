// Filter, sort, addresses and keyboard.  The page says everything without it.
(() => {
	const all = (selector, root = document) => [...root.querySelectorAll(selector)];
	const by = (id) => document.getElementById(id);
	const make = (name, parent, text = '') => {
		const element = document.createElement(name);
		element.textContent = text;
		parent.append(element);
		return element;
	};

	/* ---- the address: #place?o=fail&q=words&s=3, of which each may be missing ---- */
	const address = () => {
		const [place, rest] = location.hash.slice(1).split('?');
		const values = new URLSearchParams(rest || '');
		let id = place;
		try {
			id = decodeURIComponent(place);
		} catch {
			/* as it stands */
		}
		return {place, id, values};
	};
	/* What is shown can be sent to somebody as it is; a step back leads to where one was before. */
	const remember = () => {
		const values = new URLSearchParams();
		if (wanted.size)
			values.set('o', [...wanted].join(' '));
		if (by('words').value)
			values.set('q', by('words').value);
		if (sorted)
			values.set('s', sorted);
		const rest = String(values);
		history.replaceState(null, '', '#' + address().place + (rest ? '?' + rest : ''));
	};

	/* ---- filter ---- */
	const table = by('table');
	const rows = table ? all('tbody tr', table) : [];
	const wanted = new Set();
	const texts = new Map(rows.map((row) => [row, row.textContent.toLowerCase()]));
	let sorted = '';

	const apply = () => {
		const words = by('words').value.toLowerCase().split(/\s+/).filter(Boolean);
		let shown = 0;
		for (const row of rows) {
			const fits = (wanted.size === 0 || wanted.has(row.dataset.o)) &&
				words.every((word) => texts.get(row).includes(word));
			row.hidden = !fits;
			by('d' + row.dataset.n).hidden = !fits;
			shown += fits;
		}
		by('shown').textContent = shown + ' of ' + rows.length + ' cases';
		for (const chip of all('#chips button'))
			chip.setAttribute('aria-pressed', String(wanted.has(chip.value)));
	};
	if (table) {
		by('filter').hidden = false;
		const change = (...outcomes) => {
			wanted.clear();
			outcomes.filter(Boolean).forEach((one) => wanted.add(one));
			apply();
			remember();
		};
		for (const link of all('.counts a[data-outcome]')) {
			const chip = make('button', by('chips'), link.textContent);
			chip.type = 'button';
			chip.value = link.dataset.outcome;
			chip.className = chip.value;
			chip.addEventListener('click', () => {
				if (!wanted.delete(chip.value))
					wanted.add(chip.value);
				apply();
				remember();
			});
		}
		/* Counts, and "31 more": to the cases that they count. */
		for (const link of all('a[data-outcome]'))
			link.addEventListener('click', (event) => {
				event.preventDefault();
				location.hash = 'cases';
				change(...link.dataset.outcome.split(' '));
			});
		by('words').addEventListener('input', () => {
			apply();
			remember();
		});
		apply();
	}

	/* ---- sort ---- */
	const key = (row, column) => {
		const cell = row.cells[column];
		return cell.dataset.k === undefined ? cell.textContent.trim() : Number(cell.dataset.k);
	};
	const compare = (a, b) => {
		if (a === '' || b === '')
			return (a === '') - (b === ''); /* nothing to sort by goes last */
		return typeof a === 'number' && typeof b === 'number' ? a - b : String(a).localeCompare(String(b));
	};
	all('#table thead th').forEach((head, column) => {
		const name = head.textContent;
		const button = make('button', head);
		button.type = 'button';
		button.setAttribute('aria-label', 'sort by ' + name);
		head.sort = (down) => {
			for (const other of all('#table thead th'))
				other.removeAttribute('aria-sort');
			head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
			const keys = new Map(rows.map((row) => [row, key(row, column)]));
			rows.sort((a, b) => {
				const one = keys.get(a), other = keys.get(b);
				const order = compare(one, other);
				return down && one !== '' && other !== '' ? -order : order;
			});
			table.tBodies[0].append(...rows);
			sorted = (down ? '-' : '') + column;
		};
		head.addEventListener('click', () => {
			head.sort(head.getAttribute('aria-sort') === 'ascending');
			remember();
		});
	});

	/* ---- a case is put together when it is opened: the page has it as a text in noscript ---- */
	const cases = all('details.case');
	const unfold = (one) => {
		const folded = one.querySelector('noscript');
		if (folded)
			folded.outerHTML = folded.textContent;
		all('figure.picture', one).forEach(timelines.prepare);
	};
	for (const one of cases) {
		if (one.open)
			unfold(one);
		one.addEventListener('toggle', () => unfold(one));
	}

	for (const figure of all('#changes figure.picture'))
		timelines.prepare(figure);

	/* ---- open what an address leads to ---- */
	const bad = cases.filter((one) => one.querySelector('summary .badge:is(.fail, .error, .inconclusive)'));
	let last = -1; /* of the failures, the one that was gone to */
	const open = (details) => {
		last = bad.indexOf(details);
		unfold(details);
		details.hidden = false;
		details.open = true;
		details.scrollIntoView();
	};
	const show = () => {
		const {id, values} = address();
		if (table && [...values].length) {
			wanted.clear();
			(values.get('o') || '').split(' ').filter(Boolean).forEach((one) => wanted.add(one));
			by('words').value = values.get('q') || '';
			const column = values.get('s');
			const head = column && all('#table thead th')[Math.abs(parseInt(column, 10))];
			if (head)
				head.sort(column.startsWith('-'));
			apply();
		}
		/* By its name alone a case that ran on several devices is meant on the first of them. */
		const target = id && (by(id) || document.querySelector('[id^="' + CSS.escape(id) + '@"]'));
		const details = target && target.closest('details.case');
		if (details)
			open(details);
		else if (target && location.hash.includes('?'))
			target.scrollIntoView();
	};
	addEventListener('hashchange', show);
	show();

	/* ---- from one failure to the next ---- */
	const next = (by_) => {
		const order = bad.filter((one) => !one.hidden);
		if (!order.length)
			return;
		const at = order.indexOf(bad[last]);
		const to = order[(at + by_ + order.length + (at < 0 && by_ < 0 ? 1 : 0)) % order.length];
		history.replaceState(null, '', to.querySelector('div[id]') ? '#' + encodeURI(to.querySelector('div[id]').id) : '');
		open(to);
		const summary = to.querySelector('summary');
		summary.focus({preventScroll: true});
		if (by('next'))
			by('next').textContent = 'next failure \u2193 (' + (order.indexOf(to) + 1) + ' of ' + order.length + ')';
	};
	if (by('next'))
		by('next').addEventListener('click', (event) => {
			event.preventDefault();
			next(1);
		});

	/* ---- keys ---- */
	const keys = [
		['n, p', 'next failed case, previous one'], ['/', 'filter the cases'], ['?', 'this list'],
		['\u2190 \u2192', 'in a picture: from mark to mark; Home, End: the first, the last'], ['+ \u2212 0', 'zoom in, zoom out, the whole picture'],
		['Shift \u2190 \u2192', 'to earlier, to later'], ['d', 'the next leg that is not as expected'], ['l', 'packets and lines of the UART as a list'],
		['wheel', 'zooms a picture that was clicked, or with Ctrl; drag it to pan; a double click zooms in'],
	];
	const help = make('dialog', document.body);
	const list = make('dl', help);
	for (const [key, what] of keys) {
		make('dt', list, key);
		make('dd', list, what);
	}
	help.addEventListener('click', () => help.close());
	const bar = document.querySelector('.stick .counts');
	const asks = cases.length ? make('button', bar ? make('li', bar) : by('pictures').querySelector('h2'), '?') : null;
	if (asks) {
		asks.type = 'button';
		asks.className = 'asks';
		asks.title = 'keys';
		asks.setAttribute('aria-label', 'keys');
		asks.addEventListener('click', () => help.showModal());
	}
	addEventListener('keydown', (event) => {
		if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented || event.target.closest('input'))
			return;
		if (event.key === 'n' || event.key === 'p')
			next(event.key === 'n' ? 1 : -1);
		else if (event.key === '/' && table)
			by('words').focus();
		else if (event.key === '?')
			help.open ? help.close() : help.showModal();
		else
			return;
		event.preventDefault();
	});

	if (cases.length) {
		const opener = make('button', by('pictures').querySelector('h2'), 'open all shown');
		opener.type = 'button';
		opener.className = 'opener';
		opener.addEventListener('click', () => {
			const open = cases.some((one) => !one.hidden && !one.open);
			for (const one of cases)
				if (!one.hidden)
					one.open = open;
			opener.textContent = open ? 'close all' : 'open all shown';
		});
	}
})();

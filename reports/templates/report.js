// Filter, sort, hover and keyboard.  The page says everything without it.
'use strict';
(() => {
	const all = (selector, root = document) => [...root.querySelectorAll(selector)];
	const by = (id) => document.getElementById(id);
	const make = (name, parent, text = '') => {
		const element = document.createElement(name);
		element.textContent = text;
		parent.append(element);
		return element;
	};

	/* ---- filter ---- */
	const table = by('table');
	const rows = table ? all('tbody tr', table) : [];
	const wanted = new Set();
	const texts = new Map(rows.map((row) => [row, row.textContent.toLowerCase()]));

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
		for (const link of all('.counts a')) {
			const chip = make('button', by('chips'), link.textContent);
			chip.type = 'button';
			chip.value = link.dataset.outcome;
			chip.className = chip.value;
			chip.addEventListener('click', () => {
				if (!wanted.delete(chip.value))
					wanted.add(chip.value);
				apply();
			});
			link.addEventListener('click', () => {
				wanted.clear();
				wanted.add(chip.value);
				apply();
			});
		}
		by('words').addEventListener('input', apply);
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
		head.addEventListener('click', () => {
			const down = head.getAttribute('aria-sort') === 'ascending';
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
		});
	});

	/* ---- marks: what is under the pointer, or chosen by the arrow keys, in words below ---- */
	const prepare = (figure) => {
		const svg = figure.querySelector('svg');
		if (!svg || figure.dataset.ready)
			return;
		figure.dataset.ready = 'yes';
		const caption = make('figcaption', figure);
		caption.setAttribute('aria-live', 'polite');
		const ring = document.createElementNS('http://www.w3.org/2000/svg', 'circle');
		ring.setAttribute('class', 'ring');
		ring.setAttribute('r', '10');
		const marks = all('.m use', svg).sort((a, b) => a.x.baseVal.value - b.x.baseVal.value);
		let chosen = -1;
		const say = (element) => {
			const title = element.querySelector(':scope > title');
			if (title)
				caption.textContent = title.textContent;
		};
		svg.tabIndex = 0;
		svg.addEventListener('pointerover', (event) => {
			const titled = event.target.closest('use, rect, g.f');
			if (titled && titled.querySelector(':scope > title'))
				say(titled);
		});
		svg.addEventListener('keydown', (event) => {
			const step = {ArrowRight: 1, ArrowLeft: -1}[event.key];
			if (!step || !marks.length)
				return;
			event.preventDefault();
			chosen = Math.max(0, Math.min(marks.length - 1, chosen + step));
			const mark = marks[chosen];
			ring.setAttribute('cx', mark.x.baseVal.value);
			mark.parentNode.append(ring);
			say(mark);
		});
		svg.addEventListener('blur', () => ring.remove());
	};
	const legend = document.querySelector('.legend');
	if (legend)
		make('li', legend, 'hover over a mark, or choose one with the arrow keys');

	/* ---- a case is put together when it is opened: the page has it as a text in noscript ---- */
	const cases = all('details.case');
	const unfold = (one) => {
		const folded = one.querySelector('noscript');
		if (folded)
			folded.outerHTML = folded.textContent;
		all('figure.picture', one).forEach(prepare);
	};
	for (const one of cases) {
		if (one.open)
			unfold(one);
		one.addEventListener('toggle', () => unfold(one));
	}

	/* ---- open what a link leads to ---- */
	const show = () => {
		const target = location.hash.length > 1 ? by(decodeURIComponent(location.hash.slice(1))) : null;
		const details = target && target.closest('details.case');
		if (!details)
			return;
		unfold(details);
		details.hidden = false;
		details.open = true;
		details.scrollIntoView();
	};
	addEventListener('hashchange', show);
	show();

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

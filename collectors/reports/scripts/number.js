// The text of a number: of the element itself, or of what stands beside the words that name it; null if there is none.
(elements, argument) => {
  const has = (text) => /\d/.test(text);
  const flat = (text) => text.replace(/\s+/g, " ").trim();
  const anchor = flat(argument.anchor).toLowerCase();
  const without = (text) => {
    const at = anchor ? flat(text).toLowerCase().indexOf(anchor) : -1;
    return at < 0 ? flat(text) : `${flat(text).slice(0, at)} ${flat(text).slice(at + anchor.length)}`.trim();
  };
  const bare = (text) => text.replace(/^[\s:=|–—·•-]+(?=\s)|^[:=|]\s*|[\s:|·•]+$/g, "").trim();
  const valueOf = (element) => {
    if (element.tagName === "SELECT") return element.selectedOptions[0]?.textContent ?? "";
    if (["INPUT", "TEXTAREA"].includes(element.tagName)) return element.value;
    const metric = element.matches('[data-testid="stMetric"]') ? element.querySelector('[data-testid="stMetricValue"]') : null;
    return textOf(metric ?? element);
  };
  const seen = elements.filter(visible);

  if (argument.kind !== "text") {
    for (const element of seen) {
      let text = valueOf(element);
      if (argument.kind !== "css" && has(without(text))) text = without(text);
      const spare = [element.getAttribute("aria-label"), element.getAttribute("title"), element.getAttribute("alt")];
      const stamp = element.getAttribute("datetime") ?? element.querySelector("time")?.getAttribute("datetime");
      if (argument.is_date && stamp && argument.is_iso && !/\d{4}-\d\d-\d\d/.test(text)) return stamp;
      if (has(text)) return bare(flat(text)) || flat(text);
      const other = spare.map((one) => (one ? (argument.kind === "css" ? one : without(one)) : "")).find(has);
      if (other) return bare(other);
      return flat(text);
    }
    return null;
  }

  const isInline = (element) => /^(inline|contents)/.test(getComputedStyle(element).display);
  const blockOf = (node, container) => {
    let block = node.nodeType === 3 ? node.parentElement : node;
    const text = block.closest?.("text");
    if (text) return text;
    while (block !== container && isInline(block) && parentOf(block) && !block.matches("td, th, button")) block = parentOf(block);
    return block;
  };
  function* texts(root) {
    for (const node of root.childNodes) {
      if (node.nodeType === 3) yield node;
      else if (node.nodeType === 1 && !node.matches("script, style, noscript, title, option")) {
        if (node.matches("input, textarea") && node.type !== "hidden") yield node;
        if (node.shadowRoot) yield* texts(node.shadowRoot);
        yield* texts(node);
      }
    }
  }
  // The number in a line that the words stand in too.
  const inLine = (block, named) => {
    const rest = bare(without(textOf(block)));
    const groups = rest.match(/\d[\d.,'’\u00a0\u202f]*(?:\s\d{3})*/g) ?? [];
    if (groups.length < 2 || argument.is_date) return rest;
    const parts = [...block.children].filter((one) => !contains(one, named) && has(without(textOf(one))) && visible(one));
    if (parts.length) return bare(without(textOf(parts[0])));
    return rest;
  };
  const gap = (one, other) => {
    const across = Math.max(0, one.left - other.right, other.left - one.right);
    const down = Math.max(0, one.top - other.bottom, other.top - one.bottom);
    return across + down;
  };
  const candidates = (container, named) => {
    const blocks = new Map();
    for (const node of texts(container)) {
      const is_field = node.nodeType === 1;
      const holder = is_field ? node : node.parentElement;
      if (!holder || !visible(holder)) continue;
      if (!has(is_field ? node.value : node.textContent)) continue;
      const block = is_field ? node : blockOf(node, container);
      if (blocks.has(block)) continue;
      const is_own = contains(block, named) || contains(named, block);
      const text = is_field ? node.value : is_own ? inLine(block, named) : bare(flat(textOf(block)));
      if (!has(text)) continue;
      const at = flat(textOf(block)).toLowerCase().indexOf(anchor);
      const before = is_own ? flat(textOf(block)).slice(0, Math.max(0, at)) : "";
      const is_year = is_own && !argument.is_date && /^\(?(19|20)\d\d\)?$/.test(text) && !/[:=]/.test(textOf(block));
      if (is_year) continue;
      const is_weak = is_own && !argument.is_date && /\p{L}{3,}/u.test(before) && !has(flat(textOf(block)).slice(at + anchor.length));
      const size = parseFloat(getComputedStyle(holder).fontSize) || 0;
      const is_before = Boolean(named.compareDocumentPosition(block) & Node.DOCUMENT_POSITION_PRECEDING) && !is_own;
      const far = gap(named.getBoundingClientRect(), block.getBoundingClientRect()) + (is_before ? 40 : 0);
      blocks.set(block, { text, size, far, is_weak, is_own });
    }
    return [...blocks.values()];
  };
  const found = [];
  for (const named of seen) {
    const exact = flat(textOf(named)).toLowerCase().replace(/[\s:]+$/, "") === anchor.replace(/[\s:]+$/, "");
    let container = named;
    for (let level = 0; container && level <= 6; level += 1, container = parentOf(container)) {
      if (container === document.documentElement || (level > 1 && flat(textOf(container)).length > 3000)) break;
      const all = candidates(container, named);
      const strong = all.filter((one) => !one.is_weak);
      if (!strong.length && all.length) found.push({ ...all[0], level: level + 20, exact });
      if (!strong.length) continue;
      const most = Math.max(...strong.map((one) => one.size));
      const largest = strong.filter((one) => one.size >= most / 1.25 || one.is_own);
      largest.sort((one, other) => Number(other.is_own) - Number(one.is_own) || one.far - other.far);
      found.push({ ...largest[0], level, exact });
      break;
    }
  }
  found.sort((one, other) => Number(other.exact && other.level < 20) - Number(one.exact && one.level < 20) || one.level - other.level || one.far - other.far);
  return found[0]?.text ?? null;
}

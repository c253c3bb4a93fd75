// The text of something that lies over the page's content and takes more than half of the window; null if nothing does.
(argument) => {
  const STEPS = 9;
  const wanted = argument.wanted.flatMap((selector) => find(selector)).filter(visible);
  const words = argument.words.map((one) => one.toLowerCase());

  const isLayer = (element) => {
    if (element === document.body || element === document.documentElement) return false;
    if (element.matches("dialog:modal")) return true;
    const style = getComputedStyle(element);
    if (style.position === "fixed") return true;
    const is_dialog = element.matches('[role=dialog], [role=alertdialog], [aria-modal="true"]');
    return style.position === "absolute" && (is_dialog || (parseInt(style.zIndex, 10) || 0) >= 100);
  };
  const layerOf = (element) => {
    let found = null;
    for (let one = element; one; one = parentOf(one)) if (isLayer(one)) found = one;
    return found;
  };
  const alphaOf = (colour) => {
    const parts = colour.match(/[\d.]+/g) ?? [];
    return colour === "transparent" ? 0 : parts.length >= 4 ? parseFloat(parts[3]) : 1;
  };
  const covers = (layer) => {
    if (layer.matches("dialog:modal") || layer.querySelector('[aria-modal="true"]')) return true;
    const faces = [layer, ...layer.children];
    return faces.some((face) => {
      const style = getComputedStyle(face);
      const box = face.getBoundingClientRect();
      const is_large = box.width * box.height > 0.4 * window.innerWidth * window.innerHeight;
      const is_filled = alphaOf(style.backgroundColor) >= 0.25 || style.backgroundImage !== "none";
      return is_large && (is_filled || (style.backdropFilter && style.backdropFilter !== "none"));
    });
  };
  const deepest = (x, y) => {
    let element = document.elementFromPoint(x, y);
    while (element?.shadowRoot?.elementFromPoint(x, y) && element.shadowRoot.elementFromPoint(x, y) !== element) {
      element = element.shadowRoot.elementFromPoint(x, y);
    }
    return element;
  };

  const layers = new Map();
  let is_at_centre = false;
  for (let column = 0; column < STEPS; column += 1) {
    for (let row = 0; row < STEPS; row += 1) {
      const x = ((column + 0.5) / STEPS) * window.innerWidth;
      const y = ((row + 0.5) / STEPS) * window.innerHeight;
      const element = deepest(x, y);
      const layer = element && layerOf(element);
      if (!layer) continue;
      layers.set(layer, (layers.get(layer) ?? 0) + 1);
      if (column === (STEPS - 1) / 2 && row === (STEPS - 1) / 2) is_at_centre = true;
    }
  }
  const points = [...layers.values()].reduce((sum, one) => sum + one, 0);
  if (!is_at_centre || points <= (STEPS * STEPS) / 2) return null;
  const found = [...layers.keys()];
  if (!found.some(covers)) return null;
  if (wanted.some((one) => found.some((layer) => contains(layer, one)))) return null;
  const told = found.map(textOf).filter(Boolean).join(" ");
  if (words.some((one) => told.toLowerCase().includes(one))) return null;

  const isInside = (element) => found.some((layer) => contains(layer, element));
  let beneath = 0;
  for (const element of walk(document)) {
    if (beneath >= 3) break;
    if (isInside(element) || found.some((layer) => contains(element, layer))) continue;
    const has_text = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    const is_picture = element.matches("svg, canvas, img, table") && area(element) > 3600;
    if (!(has_text || is_picture) || !visible(element)) continue;
    const box = element.getBoundingClientRect();
    const x = (box.left + box.right) / 2;
    const y = (box.top + box.bottom) / 2;
    const is_covered = found.some((layer) => {
      const over = layer.getBoundingClientRect();
      return layer.matches("dialog:modal") || (x > over.left && x < over.right && y > over.top && y < over.bottom);
    });
    if (is_covered) beneath += is_picture ? 2 : 1;
  }
  const is_consent = told.length < 3000 && /cookie|consent|gdpr|datenschutz|einwillig/i.test(told) && find("button, a, [role=button]").some((one) => isInside(one) && /accept|agree|allow|akzept|zustimm|accepter|aceptar/i.test(textOf(one)));
  const is_modal = found.some((layer) => layer.matches('dialog:modal, [aria-modal="true"]') || layer.querySelector('[aria-modal="true"]'));
  const is_content = beneath < 2 && !is_consent && !(is_modal && beneath > 0);
  return is_content ? null : short(told, 120) || nameOf(found[0]);
}

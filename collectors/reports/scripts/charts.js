// Every chart of the frame: what kind it is, how it is called, and whether it shows data (“full”, “empty”, “doubt”,
// or “pixels” where only its picture can tell). The elements are kept for the picture, by number.
(argument) => {
  const found = [];
  const claimed = [];
  const isClaimed = (element) => claimed.some((one) => contains(one, element));
  const excused = argument.may_be_empty;
  const isExcused = (element) => excused.some((selector) => within(element, selector) || (find(selector).some((one) => contains(element, one))));
  const EDGE = "header, nav, footer, button, a, [role=button], [role=navigation], [role=banner], [role=toolbar], label, summary";
  const CHARTISH = /chart|plot|graph|viz|visual|figure|diagram|map|sankey|histogram|echarts|d3/i;
  const NOT_CHARTISH = /icon|logo|avatar|badge|spinner|sparkline|decor|illustration|emoji|arrow|flag|paragraph|typograph|heatmap-legend|hero|banner|wave|blob/i;

  const hint = (element) => `${element.getAttribute?.("class") ?? ""} ${element.id} ${element.getAttribute("aria-label") ?? ""} ${element.getAttribute("data-testid") ?? ""} ${element.getAttribute("role") === "figure" ? "figure" : ""}`;
  const nearby = (element, levels = 3) => {
    const words = [];
    for (let one = element, level = 0; one && level <= levels; one = parentOf(one), level += 1) {
      if (one === document.body || one === document.documentElement) break;
      words.push(hint(one), one.tagName === "FIGURE" ? "figure" : "");
    }
    return words.join(" ");
  };
  const titleOf = (element) => {
    const own = element.querySelector?.(".gtitle, .highcharts-title, .role-title-text text, svg > title, :scope > title, figcaption");
    const label = element.getAttribute("aria-label") || element.getAttribute("alt") || element.getAttribute("title") || "";
    const said = textOf(own) || (/^(vega visuali|this is a chart|interactive chart|chart$)/i.test(label) ? "" : label);
    if (said) return short(said, 60);
    for (let one = element, level = 0; one && level < 6; one = parentOf(one), level += 1) {
      for (let before = one.previousElementSibling; before; before = before.previousElementSibling) {
        const heads = before.matches("h1,h2,h3,h4,h5,h6,[role=heading],legend,figcaption,caption") ? [before] : [...before.querySelectorAll("h1,h2,h3,h4,h5,h6,[role=heading]")];
        if (heads.length) return short(textOf(heads[heads.length - 1]), 60);
      }
      const inside = one.querySelector?.(":scope > figcaption, :scope > h1, :scope > h2, :scope > h3, :scope > h4");
      if (inside && !contains(inside, element)) return short(textOf(inside), 60);
    }
    return "";
  };
  const add = (element, kind, state, message = "") => {
    if (state !== "full" && isClipped(element)) return void claimed.push(element); // of a part that is closed
    const index = argument.keep.push(element) - 1;
    const box = element.getBoundingClientRect();
    found.push({ index, kind, state: isExcused(element) && state !== "full" ? "excused" : state, title: titleOf(element), where: nameOf(element), message, width: box.width, height: box.height });
    claimed.push(element);
  };
  const big = (element, width = 100, height = 60) => {
    const box = element.getBoundingClientRect();
    return box.width >= width && box.height >= height && visible(element);
  };
  // Whether its words are what it shows: a large number, or many words and nothing else.
  const isWritten = (svg, has_nothing_else) => {
    const words = [...svg.querySelectorAll("text")].filter((one) => textOf(one) && visible(one));
    const sizeOf = (one) => {
      const matrix = one.getScreenCTM?.();
      return (parseFloat(getComputedStyle(one).fontSize) || 0) * (matrix ? Math.hypot(matrix.a, matrix.b) : 1);
    };
    const VALUE = /^[^\p{L}\d]{0,3}\d[\d.,'’\s]*\s?([^\p{L}\d]|\p{L}{1,3})?$/u;
    const isValue = (told) => VALUE.test(told) && !/^(19|20)\d\d$/.test(told);
    return words.some((one) => isValue(textOf(one)) && sizeOf(one) >= 24) || (has_nothing_else && words.length >= 3);
  };
  const said = (has) => (has === null ? "pixels" : has ? "full" : "empty");

  // 1. Libraries that say what they draw.
  for (const element of find(".js-plotly-plot")) if (big(element, 40, 20)) add(element, "plotly", said(plotly(element)));
  for (const element of find("[_echarts_instance_]")) {
    if (!big(element, 40, 20) || isClaimed(element)) continue;
    const has = echart(element);
    const svg = element.querySelector("svg");
    add(element, "echarts", has === null && svg ? (svgMarks(svg).count ? "full" : "pixels") : said(has));
  }
  for (const element of find(".highcharts-container")) {
    if (!big(element, 40, 20) || isClaimed(element)) continue;
    const has = highcharts(element);
    add(element, "highcharts", has === null ? (element.querySelector(".highcharts-point, .highcharts-graph[d]") ? "full" : "empty") : said(has));
  }
  for (const element of find(".vega-embed, svg.marks, canvas.marks")) {
    if (!big(element, 40, 20) || isClaimed(element)) continue;
    const svg = element.matches("svg") ? element : element.querySelector("svg.marks");
    const groups = svg ? [...svg.querySelectorAll('g[class*="mark-"].role-mark, g[class*="mark-"].role-scope')] : [];
    const marks = groups.flatMap((one) => [...one.querySelectorAll(":scope path[d], :scope image, :scope text, :scope line")]);
    const shown = marks.filter((one) => !one.closest(".role-axis, .role-legend, .role-title") && !(one.matches("path.background, path.foreground")) && (one.getAttribute("d") ?? "M0") !== "");
    add(element, "vega", svg ? (shown.some((one) => one.closest('[class*="mark-"]').matches(".role-mark")) ? "full" : "empty") : "pixels");
  }
  for (const element of find('.bk-Figure, .bk-Canvas, [data-root-id]')) {
    if (big(element) && !isClaimed(element) && (element.matches(".bk-Figure") || find("canvas").some((one) => contains(element, one)))) add(element, "bokeh", said(bokeh(element)));
  }
  // 2. Places where an application draws a chart, and has not.
  const places = '[data-testid="stPlotlyChart"], [data-testid="stVegaLiteChart"], [data-testid="stEChartsChart"], [data-testid="stGraphVizChart"], [data-test="chart-container"]';
  for (const element of find(places)) {
    if (!big(element, 40, 10) || isClaimed(element) || claimed.some((one) => contains(element, one))) continue;
    const drawings = [...element.querySelectorAll("svg, canvas, img, table")].filter((one) => !within(one, EMPTY_STATE));
    const text = textOf(element);
    if (element.querySelector(EMPTY_STATE) && !drawings.length) add(element, "chart", "empty", short(text, 60) || "it says that it is empty");
    else if (!drawings.length && !text) add(element, "chart", "empty", "nothing is drawn in its place");
  }
  for (const element of find('[data-testid="stEChartsChartError"]')) if (visible(element)) add(element, "echarts", "empty", textOf(element));
  // 3. Drawings on a canvas.
  const TABLES = '.stDataFrame, [data-testid="stDataFrame"], [data-testid="data-grid-canvas"], .glide-data-grid, .dvn-scroller, .monaco-editor, .xterm';
  const MAPS = ".mapboxgl-map, .maplibregl-map, .leaflet-container, .ol-viewport, [data-testid=stDeckGlJsonChart], .deckgl-overlay, .cesium-widget";
  for (const element of find(MAPS)) {
    if (!big(element) || isClaimed(element)) continue;
    const tiles = [...element.querySelectorAll('img[class*="tile"]')].filter((one) => one.getAttribute("src"));
    const is_lost = tiles.length > 0 && tiles.every((one) => one.complete && one.naturalWidth === 0);
    if (is_lost && !element.querySelector("path.leaflet-interactive, canvas")) add(element, "map", "empty", "its tiles did not load");
    else add(element, "map", "pixels");
  }
  const layers = new Map();
  for (const element of find("canvas")) {
    if (!big(element) || isClaimed(element) || within(element, TABLES) || within(element, EDGE)) continue;
    const style = getComputedStyle(element);
    const has = chartJs(element);
    if (has === null) {
      if (style.position === "fixed" || within(element, '[aria-hidden="true"]')) continue;
      if (style.pointerEvents === "none" && style.position === "absolute" && !CHARTISH.test(nearby(element))) continue;
    }
    const box = element.getBoundingClientRect();
    const key = [box.left, box.top].map((one) => Math.round(one / 8)).join("|");
    layers.set(key, [...(layers.get(key) ?? []), [element, has]]);
  }
  // Canvases that touch may be parts of one drawing: its heads, its axes, its rows.
  const touches = (one, other) => {
    const [first, second] = [one.getBoundingClientRect(), other.getBoundingClientRect()];
    const across = Math.max(first.left - second.right, second.left - first.right);
    const down = Math.max(first.top - second.bottom, second.top - first.bottom);
    return Math.max(across, down) <= 6 && Math.min(across, down) < 0;
  };
  const fronts = [...layers.values()].map((stack) => stack[0][0]);
  for (const stack of layers.values()) {
    const told = stack.find(([, has]) => has !== null);
    const before = found.length;
    add(stack[0][0], told ? "chart.js" : "canvas", told ? said(told[1]) : "pixels");
    const parts = fronts.filter((one) => one !== stack[0][0] && touches(one, stack[0][0]));
    if (!told && parts.length && found.length > before) found[before].beside = parts.map((one) => fronts.indexOf(one));
    if (found.length > before) found[before].front = fronts.indexOf(stack[0][0]);
    stack.slice(1).forEach(([element]) => claimed.push(element));
  }
  // 4. Drawings in SVG.
  for (const element of find("svg")) {
    if (!big(element, 80, 40) || isClaimed(element) || element.parentElement?.closest("svg") || within(element, EDGE) || within(element, EMPTY_STATE)) continue;
    const words = nearby(element);
    const { count, doubt, furniture, shapes } = svgMarks(element);
    const texts = [...element.querySelectorAll("text")].filter((one) => /\d/.test(one.textContent)).length;
    const is_labelled = ["img", "figure", "graphics-document"].includes(element.getAttribute("role")) && element.hasAttribute("aria-label");
    const is_hidden = within(element, '[aria-hidden="true"]') !== null;
    const is_chart = (furniture >= 2 && texts >= 2) || is_labelled || (CHARTISH.test(words) && !is_hidden);
    if (!is_chart || (NOT_CHARTISH.test(hint(element)) && !texts) || !big(element, 100, 60)) continue;
    const is_written = isWritten(element, furniture + shapes === 0);
    if (count) add(element, "svg", "full");
    else if (is_written) add(element, "svg", "doubt", "it shows words only");
    else if (doubt || (shapes && !furniture) || (!furniture && !shapes && texts)) add(element, "svg", "doubt", "it is not clear whether it shows data");
    else add(element, "svg", "empty");
  }
  // 5. Pictures of charts.
  for (const element of find("img, object[type^='image'], input[type=image]")) {
    if (isClaimed(element) || within(element, EDGE) || within(element, ".js-plotly-plot, .leaflet-container, [aria-hidden=true]")) continue;
    const words = `${nearby(element, 2)} ${element.alt ?? ""} ${(element.getAttribute("src") ?? "").slice(0, 200)}`;
    const is_broken = element.tagName === "IMG" && element.complete && element.naturalWidth === 0 && !!element.getAttribute("src") && element.loading !== "lazy-unseen";
    const is_chart = CHARTISH.test(words);
    if (is_broken) {
      const asked = Math.min(parseFloat(element.getAttribute("width") ?? "200"), parseFloat(element.getAttribute("height") ?? "200"));
      const is_small = asked < 40 || NOT_CHARTISH.test(words) || /pixel|track|beacon|analytics/i.test(words);
      if ((is_chart || !is_small) && getComputedStyle(element).display !== "none" && visible(element)) add(element, "image", "empty", "the picture is broken");
    } else if (big(element)) add(element, "image", is_chart ? "picture" : "full");
  }
  // 6. Bars and the like that are made of plain elements: they count, and are not judged.
  for (const element of find("[role=img], figure, [class*=chart], [class*=Chart]")) {
    if (!big(element) || isClaimed(element) || claimed.some((one) => contains(element, one)) || within(element, EDGE)) continue;
    if (NOT_CHARTISH.test(hint(element)) || element.matches("svg *, table, tr, td") || element.querySelector("img, svg, canvas, iframe")) continue;
    const bars = [...element.querySelectorAll("*")].filter((one) => getComputedStyle(one).backgroundColor !== "rgba(0, 0, 0, 0)" && area(one) > 4);
    if (bars.length >= 2) add(element, "html", "full");
  }
  // 7. Places for a chart in which nothing came to be.
  const PLACE = /(^|[\s_-])(chart|plot|graph|visuali[sz]ation|echarts?)s?([\s_-]|\d|$)/i;
  for (const element of find("div[id], div[class], figure")) {
    const own = `${element.id} ${element.getAttribute("class") ?? ""}`;
    if (!PLACE.test(own) || NOT_CHARTISH.test(own) || !big(element, 200, 120) || isClaimed(element)) continue;
    if (textOf(element) || element.querySelector(`${CHARTS}, img, iframe, table, input`) || element.shadowRoot) continue;
    const painted = [element, ...element.querySelectorAll("*")].some((one) => getComputedStyle(one).backgroundImage !== "none" || (one !== element && area(one) > 4 && getComputedStyle(one).backgroundColor !== "rgba(0, 0, 0, 0)"));
    const before = ["::before", "::after"].some((one) => !["none", "normal"].includes(getComputedStyle(element, one).content));
    if (!painted && !before && getComputedStyle(element).position !== "absolute") add(element, "chart", "empty", "nothing is drawn in its place");
  }
  return found;
}

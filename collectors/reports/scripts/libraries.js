// Whether a chart of a known library has data: true, false, or null when its library does not say.

const isValue = (value) => {
  if (value === null || value === undefined || value === "" || value === "-") return false;
  if (typeof value === "number") return Number.isFinite(value);
  if (Array.isArray(value) || ArrayBuffer.isView(value)) return Array.from(value).some(isValue);
  return true;
};
const list = (value) => (Array.isArray(value) || ArrayBuffer.isView(value) ? Array.from(value) : []);

const PLOTLY_VALUES = [
  "values", "z", "r", "locations", "lat", "lon", "open", "close", "value", "link", "node", "cells", "dimensions", "labels",
  "parents", "a", "b", "c", "u", "intensity", "edges", "geojson",
];

const plotlyTrace = (trace) => {
  if (trace.visible === false || trace.visible === "legendonly") return false;
  const [x, y] = [list(trace.x), list(trace.y)];
  const both = ["scatter", "scattergl", "bar", "funnel", "waterfall"].includes(trace.type ?? "scatter");
  if (both && x.length && y.length) return x.some((one, index) => isValue(one) && isValue(y[index]));
  if (x.some(isValue) || y.some(isValue)) return true;
  return PLOTLY_VALUES.some((key) => {
    const value = trace[key];
    if (value === null || value === undefined) return false;
    if (typeof value !== "object") return isValue(value);
    if (key === "cells") return list(value.values).some(isValue);
    if (key === "link") return list(value.value).some(isValue);
    if (key === "node") return false;
    if (key === "dimensions") return list(value).some((one) => list(one.values).some(isValue));
    if (key === "geojson") return false;
    return isValue(value);
  });
};

const plotly = (element) => {
  const traces = element._fullData ?? element.data;
  if (!Array.isArray(traces)) return null;
  if (traces.some(plotlyTrace)) return element.querySelector(".main-svg, .gl-container, canvas") !== null;
  const drawn = [...(element.layout?.shapes ?? []), ...(element.layout?.images ?? [])];
  return drawn.length > 1 ? null : false;
};

const echart = (element) => {
  const chart = window.echarts?.getInstanceByDom?.(element);
  if (!chart) return null;
  const option = chart.getOption?.() ?? {};
  const series = list(option.series);
  const selected = Object.assign({}, ...list(option.legend).map((one) => one?.selected ?? {}));
  const shown = series.filter((one) => selected[one.name] !== false);
  const datasets = list(option.dataset).some((one) => isValue(one.source) && (list(one.source).length > 1 || !list(one.source).length));
  const has = (one) => list(one.data ?? one.nodes).some((item) => isValue(item?.value ?? item?.children ?? item?.name ?? item));
  if (shown.some(has) || (shown.length && datasets)) return true;
  return shown.some((one) => one.type === "custom" || one.renderItem) || list(option.graphic).length > 0 ? null : false;
};

const chartJs = (canvas) => {
  const chart = window.Chart?.getChart?.(canvas);
  if (!chart) return null;
  return list(chart.data?.datasets).some((one, index) => {
    if (chart.isDatasetVisible && !chart.isDatasetVisible(index)) return false;
    return list(one.data).some((item) => isValue(item?.y ?? item?.x ?? item?.r ?? item));
  });
};

const highcharts = (element) => {
  if (element.querySelector(".highcharts-no-data")) return false;
  const chart = list(window.Highcharts?.charts).find((one) => one && contains(element, one.container));
  if (!chart) return null;
  return chart.series.some((one) => one.visible && !one.options.isInternal && list(one.points ?? one.data).length > 0);
};

const bokeh = (element) => {
  const views = window.Bokeh?.index ?? {};
  const all = typeof views.roots === "object" ? views.roots : Object.values(views);
  const owners = [...all].filter((view) => view?.el && (contains(view.el, element) || contains(element, view.el)));
  const models = owners.flatMap((view) => [...(view.model?.references?.() ?? [])]);
  const glyphs = models.filter((model) => model.type === "GlyphRenderer" && model.visible !== false);
  if (!glyphs.length) return owners.length ? false : null;
  return glyphs.some((model) => Object.values(model.data_source?.data ?? {}).some((column) => Array.from(column ?? []).some(isValue)));
};

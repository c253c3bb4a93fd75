// Numbers, tables and panels that say that they have nothing: {kind, title, where, said}.
(argument) => {
  const found = [];
  const isExcused = (element) => argument.may_be_empty.some((selector) => within(element, selector));
  const NOTHING = /^(no (data|results?|records?|rows|values?)( (available|found|to display|to show|returned|yet))?( in (the |this )?table)?|no matching records( found)?|no results were returned for this query.*|no data (for|in|matches) .{1,60}|nothing to (show|display)|there is no data.{0,40}|keine daten( verfügbar| vorhanden)?|keine ergebnisse|aucune donnée.{0,20}|sin datos|no hay datos|nessun dato)[.!]?$/i;
  const NO_VALUE = /^(—|–|-|--|---|n\/?a|#n\/a|#div\/0!|#ref!|nan|null|undefined|no data|keine daten|\(blank\)|inf|infinity|∞|[$€£¥]\s?(nan|—|-|--|undefined|null)|(nan|—|--|undefined|null|infinity)\s?(%|[$€£¥]|[a-z]{1,3})?)$/i;
  const UNFILLED = /\{\{\s*[a-z_$][\w.$]*(\s*\|[^{}]*)?\s*\}\}|^\W*\[object Object\]\W*$/i;
  const CARD = /(^|[\s_-])(kpi|metric|metrics|stat|statistic|scorecard|big-?number|bignumber|indicator|value-?box|valuebox|tile|figure|number)([\s_-]|$)|KPI|BigNumber|Metric|Statistic|big_number/;
  const hint = (element) => `${element.getAttribute?.("class") ?? ""} ${element.id} ${element.getAttribute("data-testid") ?? ""}`;
  const headOf = (element) => {
    for (let one = element, level = 0; one && level < 4; one = parentOf(one), level += 1) {
      const words = textOf(parentOf(one)).split("\n").map((line) => line.trim()).filter((line) => line && line !== textOf(element));
      if (words.length) return short(words[0], 60);
    }
    return "";
  };
  const add = (element, kind, said) => {
    if (!isExcused(element)) found.push({ kind, title: headOf(element), where: nameOf(element), said: short(said, 60) });
  };

  const leaves = [...walk(document)].filter((one) => one.childElementCount === 0 && one.textContent.length < 160 && one.textContent.trim());
  for (const leaf of leaves) {
    const said = leaf.textContent.trim();
    if (NO_VALUE.test(said)) {
      if (!shown(leaf) || within(leaf, "table, li, option, select, button, a, input, [role=grid], label, nav, code, pre, dl")) continue;
      const size = parseFloat(getComputedStyle(leaf).fontSize);
      let is_card = within(leaf, '[data-testid="stMetricValue"], [role=figure]') !== null;
      for (let one = leaf, level = 0; one && level < 4; one = parentOf(one), level += 1) is_card ||= CARD.test(hint(one)) && area(one) < 0.3 * window.innerWidth * window.innerHeight;
      if (within(leaf, '[data-testid="stMetricDelta"], [class*=delta], [class*=change], [class*=trend], [class*=target], [class*=compar]')) continue;
      const card = parentOf(parentOf(leaf) ?? leaf) ?? leaf;
      const others = textOf(card).split("\n").some((line) => /\d/.test(line) && parseFloat(line.replace(/[^\d.]/g, "")) >= 0 && line.trim().length < 14);
      const is_word = /nan|undefined|null|infinity/i.test(said);
      if ((is_card && (size >= 18 || is_word) && !(others && size < 18)) || (is_word && size >= 20 && !within(leaf, "h1, h2, h3"))) add(leaf, "number", said);
    }
    if (UNFILLED.test(said) && shown(leaf) && !within(leaf, "table, code, pre, textarea, kbd, samp, button, option")) add(leaf, "panel", said);
    if (NOTHING.test(said) && shown(leaf)) {
      if (within(leaf, "option, select, button, a, label, nav, code, pre, [class*=legend], [class*=Legend], li, text, dd")) continue;
      const table = within(leaf, "table, [role=grid], [role=table]");
      if (table) {
        const cells = [...table.querySelectorAll("tbody td, [role=gridcell], [role=cell]")].filter((one) => textOf(one));
        const all = cells.length ? cells : [...table.querySelectorAll("td")].filter((one) => textOf(one));
        if (all.length === 1) add(table, "table", said);
        continue;
      }
      const panel = panelOf(leaf, said) ?? document.body;
      const box = panel.getBoundingClientRect();
      const drawn = [...panel.querySelectorAll("svg, canvas, img")].some((one) => area(one) > 3600 && !within(one, EMPTY_STATE));
      const is_empty_state = /empty|no-?data|nodata/i.test(hint(leaf) + hint(parentOf(leaf) ?? leaf));
      if (box.width >= 150 && (box.height >= 60 || is_empty_state) && !drawn) add(panel, "panel", said);
    }
  }
  for (const table of find("table").filter(visible)) {
    const heads = [...table.querySelectorAll("th")].filter((one) => visible(one) && textOf(one)).length;
    if (heads >= 2 && !table.querySelector("td") && table.querySelectorAll("tr").length <= 1) {
      if (!isExcused(table)) found.push({ kind: "bare table", title: headOf(table), where: nameOf(table), said: "only its head" });
    }
  }
  return found;
}

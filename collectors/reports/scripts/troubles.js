// What says that the page is not the report but an error, a login form, or hidden behind something.
(argument) => {
  const text = contentText();
  const headings = find("h1, h2, [role=heading]").filter(visible).map(textOf).filter(Boolean).slice(0, 5);
  const lines = text.split("\n").map((line) => line.trim()).filter(Boolean);
  const blocks = [];
  for (const [what, selector] of argument.errors) {
    for (const element of find(selector).filter(shown).slice(0, 3)) {
      const told =
        textOf(element) || element.getAttribute("aria-label") || element.getAttribute("title") || nameOf(element);
      blocks.push([what, short(told, 160)]);
    }
  }
  const phrases = new RegExp(argument.phrases, "i");
  for (const element of find("div, p, span").filter((one) => one.childElementCount === 0)) {
    const told = element.textContent.trim();
    const is_content = within(element, "table, li, svg, [class*=legend], [role=grid], code, pre");
    if (told.length < 200 && phrases.test(told) && !is_content && visible(element)) blocks.push(["panel", short(told, 160)]);
  }
  // A part of the page that says nothing but that it failed, or a message over it that says so of the data.
  const failures = [];
  const failing = new RegExp(argument.failures, "i");
  const isDrawn = (panel) => [...panel.querySelectorAll("svg, canvas, img")].some((one) => area(one) > 10000);
  const BUTTONS = ",button,a,[role=button],summary";
  for (const leaf of find("div, p, span, h3, h4, h5, strong, b, pre").filter((one) => one.childElementCount === 0)) {
    const told = leaf.textContent.replace(/\s+/g, " ").trim();
    if (told.length > 240 || !failing.test(told) || !shown(leaf)) continue;
    if (within(leaf, "table, li, svg, code, a, button, label, nav, dl, option, [role=grid], [role=log], [role=feed], [class*=legend]")) continue;
    const is_message = within(leaf, "[role=alert], [role=alertdialog], [aria-live=assertive], [class*=toast i], [class*=snackbar i]");
    // Below a title there may be advice, which is no figure.
    const around = textOf(parentOf(leaf));
    const is_advised = leaf.matches("h3, h4, h5, strong, b, [class*=title i]") && around.startsWith(told) && around.length < told.length + 160;
    const is_title = is_advised && !/\d/.test(around.slice(told.length));
    const panel = is_title ? panelOf(parentOf(leaf), around, BUTTONS, isDrawn) : panelOf(leaf, told, BUTTONS, isDrawn);
    const box = panel?.getBoundingClientRect();
    const is_named = /error|fail/i.test(`${leaf.className} ${leaf.parentElement?.className ?? ""} ${panel?.className ?? ""}`);
    const is_panel = panel && box.width >= 150 && (box.height >= 80 || (is_named && box.height >= 40));
    if (is_message || is_panel) failures.push(short(told, 160));
  }
  const own = [];
  for (const selector of argument.own) {
    for (const element of find(selector).filter(visible).slice(0, 1)) own.push([selector, short(textOf(element), 160)]);
  }

  const tables = find("table, [role=grid], [role=table]").filter(visible);
  const rows = tables.reduce((sum, table) => sum + table.querySelectorAll("td, [role=gridcell], [role=cell]").length, 0);
  const drawings = media().filter((one) => area(one) >= 10000 && !within(one, "a, button, header, nav, footer"));
  const isAside = (element) => within(element, "header, nav, footer, [role=banner], [role=navigation]") !== null;
  const passwords = find('input[type="password"]').filter((one) => visible(one) && !isAside(one));
  const SIGN =
    /^(sign in|log in|login|log on|sign on|anmelden|einloggen|se connecter|connexion|iniciar sesi[oó]n|accedi|entrar)\b.{0,40}$|^(continue|sign in|log in|weiter|anmelden) (with|using|mit) .{2,40}$/i;
  const buttons = find('button, a, input[type="submit"], [role=button]').filter(visible);
  const signs = buttons.filter((one) => !isAside(one)).map((one) => one.value || textOf(one)).filter((told) => SIGN.test(told.trim()));
  const fields = find("input:not([type=hidden]), select, textarea").filter(visible).length;
  const traces = find("pre, code, body, div.traceback, textarea").filter((one) => {
    const start = textOf(one).slice(0, 400);
    return /^\s*(Traceback \(most recent call last\)|[\w.$]+(Exception|Error)\b.*\n\s*at [\w.$<>]+\()/.test(start);
  });
  return {
    text: text.length, start: short(lines.slice(0, 3).join(" · "), 200), headings, lines: lines.slice(0, 4), failures,
    title: document.title.trim(), blocks, own, cells: rows, drawings: drawings.length, passwords: passwords.length,
    hands_over: find('input[type=hidden][name="SAMLRequest" i], input[type=hidden][name="SAMLResponse" i], input[type=hidden][name="wresult"], input[type=hidden][name="id_token"]').length,
    signs, fields, has_trace: traces.some(visible), buttons: buttons.length, frames: find("iframe").filter(visible).length,
    body: text.length < 20000 && document.body?.childElementCount <= 2 ? textOf(document.body).slice(0, 4000) : "",
    is_streamlit: isStreamlit(), type: document.contentType ?? "", digits: (text.replace(/\b20\d\d\b/g, "").match(/\d/g) ?? []).length,
  };
}

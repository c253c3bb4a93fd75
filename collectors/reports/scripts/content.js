// What there is to see: the text, pictures or drawings, and elements that let nobody look into them.
() => ({
  text: contentText(),
  media: media().length,
  fields: find("input, select, textarea").filter(visible).length,
  closed: [...walk(document)].filter((one) => one.localName.includes("-") && !one.shadowRoot && !one.children.length && one.matches(":defined") && visible(one)).length,
})

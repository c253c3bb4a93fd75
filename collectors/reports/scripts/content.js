// What there is to see: the text, and whether there are pictures or drawings.
() => ({ text: contentText(), media: media().length, fields: find("input, select, textarea").filter(visible).length })

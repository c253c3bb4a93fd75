// How many of the elements that were found can be seen, and the name of the first.
(elements) => elements.filter(visible).length

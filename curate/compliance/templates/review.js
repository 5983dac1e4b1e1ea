document.addEventListener("keydown", function (event) {
  var place = event.ctrlKey || event.metaKey || event.altKey ? null : document.getElementById(event.key.toLowerCase());
  if (place) { place.click(); }
});

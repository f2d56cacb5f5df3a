import htmx from "htmx.org";
import "./js/feedback.js";
import "./js/forms.js";
import "./js/keys.js";
import "./js/cells.js";
import "./js/columns.js";
import "./js/lists.js";
import "./js/lookup.js";
import "./js/board.js";
import "./js/map.js";
import "./js/files.js";
import "./js/held.js";
import "./js/mentions.js";
import "./js/check_in.js";
import "./js/calendar.js";
import "./js/marking.js";

window.htmx = htmx;
import "./js/grid.js";

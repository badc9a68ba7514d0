package resources

import _ "embed" // for the directives below

//go:embed pages/case.html
var casePage string

//go:embed pages/page.css
var pageStyle string

// CasePage returns the template of the page on which a request is answered in a
// browser (html/template). It has no script.
func CasePage() string { return casePage }

// PageStyle returns the style sheet of such pages, light and dark. It stands in
// the page itself, and the page's policy names its hash.
func PageStyle() string { return pageStyle }

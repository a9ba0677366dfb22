// Renders Markdown as GitHub does, with HTML and with links made of bare addresses, and tells what is alive in it: for each text of
// the list on standard input the HTML, the addresses of links and images, and the text that stands outside of code.
//
//   node alive.js PATH-OF-MARKDOWN-IT <TEXTS.json >ALIVE.json
const markdown = require(process.argv[2])({html: true, linkify: true});
markdown.linkify.set({fuzzyLink: true, fuzzyEmail: true});
markdown.validateLink = () => true;

function visit(tokens, found) {
  for (const t of tokens) {
    for (const name of ["href", "src"]) {
      const address = t.attrGet && t.attrGet(name);
      if (address) found.links.push(address);
    }
    if (t.type === "html_block" || t.type === "html_inline") found.html.push(t.content.trim());
    if (t.type === "text" || t.type === "text_special") found.text.push(t.content);
    if (t.type === "fence" && t.info) found.text.push(t.info);
    if (t.children) visit(t.children, found);
  }
  return found;
}

const texts = JSON.parse(require("fs").readFileSync(0, "utf8"));
const alive = texts.map(text => visit(markdown.parse(text, {}), {html: [], links: [], text: []}));
process.stdout.write(JSON.stringify(alive));

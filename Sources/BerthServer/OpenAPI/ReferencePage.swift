import BerthAPI
import Crypto
import Foundation
import JSON

/// The API's reference as a page that needs nothing but itself, made from the OpenAPI document.
struct ReferencePage {
    private let document: JSONValue

    init(_ document: JSONValue) { self.document = document }

    var html: String {
        let operations = operations
        let tags = operations.reduce(into: [String]()) { if !$0.contains($1.tag) { $0.append($1.tag) } }
        let schemas = members(document.member("components")?.member("schemas"))
        var body = ""
        for tag in tags {
            body += "<h2 id=\"\(id(tag))\">\(escaped(tag.prefix(1).uppercased() + tag.dropFirst()))</h2>\n"
            for operation in operations where operation.tag == tag { body += section(of: operation) }
        }
        body += "<h2 id=\"objects\">Objects</h2>\n"
        for (title, schema) in schemas { body += section(ofSchema: title, schema) }
        let links = (tags + ["objects"]).map { "<a href=\"#\(id($0))\">\(escaped($0))</a>" }
        let version = document.member("info")?.member("version")?.text(or: "") ?? ""
        return """
            <!doctype html>
            <html lang="en">
            <head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Berth API</title>
            <style>\(Self.style)</style></head>
            <body>
            <header><h1>Berth API <small>\(escaped(version))</small></h1>
            <p>This reference is made from <a href="openapi.json">openapi.json</a>, an OpenAPI 3.1 document.</p>
            <nav aria-label="Sections">\(links.joined(separator: " · "))</nav></header>
            <main>
            \(body)</main>
            </body>
            </html>

            """
    }

    /// Nothing may be loaded, and no style but the page's own is used.
    static let contentSecurityPolicy: String = {
        let digest = Data(SHA256.hash(data: Data(style.utf8))).base64EncodedString()
        return
            "default-src 'none'; style-src 'sha256-\(digest)'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    }()

    private static let style = """
        :root{color-scheme:light dark;--line:light-dark(#d5d9e0,#3a404a);--soft:light-dark(#f4f6f9,#1d2127);\
        --text:light-dark(#1a1f27,#e6e9ee);--back:light-dark(#fff,#14171b);--link:light-dark(#0b57b0,#8ab8ff)}\
        body{margin:0 auto;max-width:62rem;padding:1rem;background:var(--back);color:var(--text);\
        font:1rem/1.5 system-ui,sans-serif}a{color:var(--link)}small{font-weight:400}\
        code,pre{font:.9em ui-monospace,monospace}pre{background:var(--soft);padding:.75rem;overflow:auto}\
        section{border:1px solid var(--line);border-radius:.5rem;padding:.25rem 1rem;margin:1rem 0}\
        h3{font-size:1.05rem;overflow-wrap:anywhere}table{border-collapse:collapse;width:100%}\
        th,td{border-top:1px solid var(--line);padding:.3rem .5rem;text-align:left;vertical-align:top}\
        td:first-child{overflow-wrap:anywhere}.scroll{overflow-x:auto}
        """
}

extension ReferencePage {
    private struct Operation {
        let method: String
        let path: String
        let tag: String
        let json: JSONValue
    }

    private var operations: [Operation] {
        members(document.member("paths")).flatMap { path, methods in
            members(methods).map { method, json in
                let tag = json.member("tags").flatMap { elements($0).first }?.text(or: "") ?? ""
                return Operation(method: method.uppercased(), path: path, tag: tag, json: json)
            }
        }
    }

    private func section(of operation: Operation) -> String {
        let json = operation.json
        let name = json.member("operationId")?.text(or: "") ?? ""
        var html =
            "<section id=\"\(escaped(name))\"><h3><code>\(operation.method) \(escaped(operation.path))</code></h3>\n"
        html += "<p>\(escaped(json.member("summary")?.text(or: "") ?? ""))</p>\n"
        let parameters = elements(json.member("parameters")).map { parameter in
            [
                "<code>\(escaped(parameter.member("name")?.text(or: "") ?? ""))</code>",
                escaped(parameter.member("in")?.text(or: "") ?? ""),
                type(of: parameter.member("schema")),
                prose(parameter.member("description")?.text(or: "") ?? ""),
            ]
        }
        html += table(["parameter", "in", "type", "meaning"], parameters)
        if let content = json.member("requestBody")?.member("content") {
            html +=
                "<p>Body: \(members(content).map { "\(type(of: $1.member("schema"))) (\(escaped($0)))" }.joined())</p>\n"
        }
        let responses = members(json.member("responses")).map { status, response in
            let content = members(response.member("content")).map { mediaType, media in
                mediaType == ProblemJSON.mediaType
                    ? "" : type(of: media.member("schema")) + " (\(escaped(mediaType)))"
            }
            return [
                "<code>\(status)</code>", prose(response.member("description")?.text(or: "") ?? ""), content.joined(),
            ]
        }
        return html + table(["status", "meaning", "body"], responses) + "</section>\n"
    }

    private func section(ofSchema title: String, _ schema: JSONValue) -> String {
        let required = elements(schema.member("required")).map { $0.text(or: "") }
        let fields = members(schema.member("properties")).map { name, field in
            ["<code>\(escaped(name))</code>", type(of: field), required.contains(name) ? "always" : "optional"]
        }
        var html =
            "<section id=\"\(id(title))\"><h3>\(escaped(title))</h3>\n" + table(["field", "type", "present"], fields)
        if let example = elements(schema.member("examples")).first {
            html += "<pre>\(escaped(example.text))</pre>\n"
        }
        return html + "</section>\n"
    }

    /// The type that a schema describes, in words and with links.
    private func type(of schema: JSONValue?) -> String {
        guard let schema else { return "" }
        if let reference = schema.member("$ref")?.text(or: ""), let title = reference.split(separator: "/").last {
            return "<a href=\"#\(id(String(title)))\">\(escaped(String(title)))</a>"
        }
        if let choices = schema.member("oneOf") {
            return elements(choices).map { type(of: $0) }.joined(separator: " or ")
        }
        if let words = schema.member("enum") {
            return elements(words).map { "<code>\(escaped($0.text(or: "null")))</code>" }.joined(separator: ", ")
        }
        let types = schema.member("type").map { type -> [String] in
            if case .array(let types) = type { types.map { $0.text(or: "") } } else { [type.text(or: "")] }
        }
        let words = (types ?? []).map { type in
            type == "array" ? "array of \(self.type(of: schema.member("items")))" : escaped(type)
        }
        let limits = ["minimum", "maximum"].compactMap { name in schema.member(name).map { "\(name) \($0.text)" } }
        return (words.isEmpty ? "anything" : words.joined(separator: " or "))
            + (limits.isEmpty ? "" : " (\(escaped(limits.joined(separator: ", "))))")
    }

    private func table(_ head: [String], _ rows: [[String]]) -> String {
        guard !rows.isEmpty else { return "" }
        let head = head.map { "<th>\($0)</th>" }.joined()
        let rows = rows.map { "<tr>\($0.map { "<td>\($0)</td>" }.joined())</tr>\n" }.joined()
        return "<div class=\"scroll\"><table><thead><tr>\(head)</tr></thead><tbody>\n\(rows)</tbody></table></div>\n"
    }
}

private func members(_ json: JSONValue?) -> [(String, JSONValue)] {
    if case .object(let object) = json { object.members.map { ($0.name, $0.value) } } else { [] }
}

private func elements(_ json: JSONValue?) -> [JSONValue] {
    if case .array(let elements) = json { elements } else { [] }
}

private func id(_ title: String) -> String {
    String(title.lowercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" })
}

private func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
        .replacing("\"", with: "&quot;")
}

/// Text with Markdown's code marks.
private func prose(_ text: String) -> String {
    let parts = escaped(text).split(separator: "`", omittingEmptySubsequences: false)
    return parts.enumerated().map { $0 % 2 == 1 ? "<code>\($1)</code>" : String($1) }.joined()
}

extension JSONValue {
    /// A string's text, or `other` for any other value.
    fileprivate func text(or other: String) -> String { if case .string(let text) = self { text } else { other } }
}

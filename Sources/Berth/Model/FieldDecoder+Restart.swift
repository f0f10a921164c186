package import DockerEngine
package import JSON

extension RestartPolicy: JSONRepresentable { package var json: JSONValue { .string(description) } }

extension FieldDecoder where Value == RestartPolicy {
    static var restart: FieldDecoder {
        let schema: JSONValue = ["type": "string", "pattern": "^(no|always|unless-stopped|on-failure(:[0-9]+)?)$"]
        return FieldDecoder(schema: schema) { value, pointer throws(FieldErrors) in
            let text = try FieldDecoder<String>.string().read(value, pointer)
            if let policy = RestartPolicy(text) { return policy }
            let words = ["no", "on-failure", "always", "unless-stopped"]
            let hint = closest(to: text, among: words).map { "; did you mean \"\($0)\"?" } ?? ""
            throw FieldErrors(
                "must be \"no\", \"on-failure\", \"on-failure:5\" (at most five times), \"always\" or "
                    + "\"unless-stopped\"\(hint)",
                at: pointer
            )
        }
    }
}

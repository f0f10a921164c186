import JSON
import Testing

@Suite struct ObjectReaderTests {
    private struct App: Equatable {
        var name: String
        var image: String
        var command: [String]?
        var variables: [NamedString] = []
        var count = 1

        init(name: String, image: String) {
            self.name = name
            self.image = image
        }

        init(_ json: JSONValue) throws(FieldErrors) {
            var body = ObjectReader(json)
            command = body.optional("command", .words)
            variables = body.optional("variables", .namedStrings()) ?? []
            count = body.optional("count", .integer(in: 1...100)) ?? 1
            (name, image) = try body.finish(
                body.required("name", .string(length: 1...40)),
                body.required("image", .string())
            )
        }
    }

    @Test func `A body without errors is read`() throws {
        let app = try App([
            "name": "web", "image": "nginx", "command": "a 'b c'", "variables": ["A": "1"], "count": nil,
        ])
        var expected = App(name: "web", image: "nginx")
        expected.command = ["a", "b c"]
        expected.variables = [NamedString(name: "A", value: "1")]
        #expect(app == expected)
    }

    @Test func `A field that may be null differs from one that is missing`() {
        func limit(_ json: JSONValue) -> Int? {
            var body = ObjectReader(json)
            return body.optional("limit", .integer(in: 1...9), usual: 5)
        }
        #expect(limit([:]) == 5)
        #expect(limit(["limit": nil]) == nil)
        #expect(limit(["limit": 7]) == 7)
        var body = ObjectReader(["limit": 10])
        #expect(body.optional("limit", .integer(in: 1...9), usual: 5) == nil)
        #expect(body.hasErrors)
    }

    @Test func `All errors of a body come at once, each with its place`() {
        let body: JSONValue = [
            "name": "", "imgae": "nginx", "command": ["a", 1], "variables": ["A": "1", "a/b": true], "count": 101,
            "x/y": 1,
        ]
        #expect(
            errors { () throws(FieldErrors) in try App(body) } == [
                "/command/1: must be a string, not a number",
                "/variables/a~1b: must be a string, not a boolean; put quotes around it",
                "/count: must be a whole number from 1 to 100",
                "/name: must not be empty",
                "/image: is required",
                "/imgae: unknown field \"imgae\"; did you mean \"image\"?",
                "/x~1y: unknown field \"x/y\"; the fields here are command, variables, count, name, image",
            ]
        )
    }

    @Test(
        arguments: [
            (nil, "null"), ([], "an array"), ("x", "a string"), (1, "a number"), (true, "a boolean"),
        ] as [(JSONValue, String)]
    )
    func `A body that is not an object is one error`(body: JSONValue, kind: String) {
        #expect(errors { () throws(FieldErrors) in try App(body) } == [": must be an object, not \(kind)"])
    }

    @Test func `A nested object reports its errors at its own place`() {
        let port = FieldDecoder<Int>.object { reader throws(FieldErrors) in
            try reader.finish(reader.required("container", .integer(in: 1...65_535)))
        }
        let body: JSONValue = ["ports": [["container": 80], ["container": 0], ["contaner": 1], 5]]
        let found = errors { () throws(FieldErrors) in
            var reader = ObjectReader(body)
            return try reader.finish(reader.required("ports", .list(of: port)))
        }
        #expect(
            found == [
                "/ports/1/container: must be a whole number from 1 to 65535",
                "/ports/2/container: is required",
                "/ports/2/contaner: unknown field \"contaner\"; did you mean \"container\"?",
                "/ports/3: must be an object, not a number",
            ]
        )
    }

    @Test func `A caller can add errors, and a missing required field is an error`() {
        #expect(
            errors { () throws(FieldErrors) in
                var reader = ObjectReader(["a": 1, "b": 2])
                _ = (reader.optional("a", .integer()), reader.optional("b", .integer()))
                reader.reject("b", "cannot stand beside \"a\"")
                try reader.finish()
            } == ["/b: cannot stand beside \"a\""]
        )
        #expect(
            errors { () throws(FieldErrors) in
                var reader = ObjectReader([:])
                return try reader.finish(reader.optional("a", .integer()))
            } == [": a required field is missing"]
        )
    }

    @Test func `After 50 errors, the answer only says that there are more`() {
        var body = JSONObject()
        for index in 0..<100_000 { body.set("field\(index)", to: nil) }
        let unknown = errors { () throws(FieldErrors) in try App(.object(body)) }
        #expect(unknown.count == 51)
        #expect(unknown.last == ": there are more errors; correct the ones listed first")

        let list = errors { () throws(FieldErrors) in
            var reader = ObjectReader(["a": .array(Array(repeating: 1, count: 10_000)), "b": 1])
            return try reader.finish(reader.required("a", .list(of: .string())), reader.required("c", .string()))
        }
        #expect(list.count == 51)
        #expect(list.last == ": there are more errors; correct the ones listed first")

        let exactly = errors { () throws(FieldErrors) in
            var reader = ObjectReader(["a": .array(Array(repeating: 1, count: 50))])
            return try reader.finish(reader.required("a", .list(of: .string())))
        }
        #expect(exactly.count == 50)
        #expect(exactly.last == "/a/49: must be a string, not a number")
    }

    @Test func `Very long names are shortened in the answer and compared quickly`() {
        let marks = String(repeating: "\u{301}\u{323}", count: 100_000)
        let found = errors { () throws(FieldErrors) in
            try App(["name\(marks)": 1, "name": "a", "image": "b", "variables": ["A\(marks)": "1", "A": "2"]])
        }
        #expect(found.count == 2)
        #expect(found.allSatisfy { $0.utf8.count < 2_000 })
    }

    private func errors<Value>(_ read: () throws(FieldErrors) -> Value) -> [String] {
        do throws(FieldErrors) {
            _ = try read()
            return []
        } catch {
            return error.errors.map { "\($0.pointer): \($0.detail)" }
        }
    }
}

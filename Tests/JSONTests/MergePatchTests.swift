import JSON
import Testing

@Suite struct MergePatchTests {
    /// The table of RFC 7396, appendix A.
    @Test(arguments: [
        (#"{"a":"b"}"#, #"{"a":"c"}"#, #"{"a":"c"}"#),
        (#"{"a":"b"}"#, #"{"b":"c"}"#, #"{"a":"b","b":"c"}"#),
        (#"{"a":"b"}"#, #"{"a":null}"#, #"{}"#),
        (#"{"a":"b","b":"c"}"#, #"{"a":null}"#, #"{"b":"c"}"#),
        (#"{"a":["b"]}"#, #"{"a":"c"}"#, #"{"a":"c"}"#),
        (#"{"a":"c"}"#, #"{"a":["b"]}"#, #"{"a":["b"]}"#),
        (#"{"a":{"b":"c"}}"#, #"{"a":{"b":"d","c":null}}"#, #"{"a":{"b":"d"}}"#),
        (#"{"a":[{"b":"c"}]}"#, #"{"a":[1]}"#, #"{"a":[1]}"#),
        (#"["a","b"]"#, #"["c","d"]"#, #"["c","d"]"#),
        (#"{"a":"b"}"#, #"["c"]"#, #"["c"]"#),
        (#"{"a":"foo"}"#, "null", "null"),
        (#"{"a":"foo"}"#, #""bar""#, #""bar""#),
        (#"{"e":null}"#, #"{"a":1}"#, #"{"e":null,"a":1}"#),
        (#"[1,2]"#, #"{"a":"b","c":null}"#, #"{"a":"b"}"#),
        (#"{}"#, #"{"a":{"bb":{"ccc":null}}}"#, #"{"a":{"bb":{}}}"#),
    ])
    func `A patch gives the results in the RFC's table`(target: String, patch: String, result: String) throws {
        let merged = try JSONReader.parse(target.utf8).merged(with: JSONReader.parse(patch.utf8))
        #expect(merged.text == result)
    }

    @Test func `Members keep their order, and new ones come last`() throws {
        let target: JSONValue = ["z": 1, "y": ["b": 1, "a": 2], "x": 3]
        let patch: JSONValue = ["new": [1, nil], "x": nil, "y": ["a": 9, "c": 4], "z": 0]
        #expect(target.merged(with: patch).text == #"{"z":0,"y":{"b":1,"a":9,"c":4},"new":[1,null]}"#)
    }

    @Test func `Many removals take linear time`() {
        var target = JSONObject()
        var patch = JSONObject()
        for index in 0..<50_000 {
            target.set("key\(index)", to: true)
            patch.set("key\(index)", to: nil)
        }
        #expect(JSONValue.object(target).merged(with: .object(patch)) == [:])
    }
}

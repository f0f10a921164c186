import Testing

@testable import BerthServer

/// Cases of W3C Trace Context, section 3.2, and of its test suite.
@Suite struct TraceParentTests {
    private static let trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    private static let span = "00f067aa0ba902b7"

    @Test func `A written value can be read`() throws {
        let text = "00-\(Self.trace)-\(Self.span)-01"
        let parent = try #require(TraceParent(text))
        #expect(parent.trace.text == Self.trace)
        #expect(parent.span.hexadecimal == Self.span)
        #expect(parent.isSampled)
        #expect(parent.text == text)
        #expect(TraceParent("00-\(Self.trace)-\(Self.span)-00")?.isSampled == false)
        #expect(TraceParent("00-\(Self.trace)-\(Self.span)-03")?.isSampled == true)
    }

    @Test func `The known part of a later version is read`() {
        #expect(TraceParent("cc-\(Self.trace)-\(Self.span)-01-what-the-future-brings") != nil)
        #expect(TraceParent("cc-\(Self.trace)-\(Self.span)-01") != nil)
    }

    @Test(arguments: [
        "", "00", "00-\(trace)-\(span)", "00-\(trace)-\(span)-01-x", "00-\(trace)-\(span)-01-",
        "ff-\(trace)-\(span)-01",
        "0-\(trace)-\(span)-01", "00-\(trace.uppercased())-\(span)-01", "00-\(trace)0-\(span)-01",
        "00-\(span)-\(trace)-01",
        "00-00000000000000000000000000000000-\(span)-01", "00-\(trace)-0000000000000000-01", "00-\(trace)-\(span)-1",
        "00-\(trace)-\(span)-zz", "00-\(trace)-\(span)-001", "zz-\(trace)-\(span)-01", " 00-\(trace)-\(span)-01",
        "00_\(trace)_\(span)_01", "00-+bf92f3577b34da6a3ce929d0e0e4736-\(span)-01",
    ])
    func `An invalid value is not read`(_ text: String) {
        #expect(TraceParent(text) == nil)
    }
}

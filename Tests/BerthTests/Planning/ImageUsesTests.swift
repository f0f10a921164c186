import DockerEngine
import FoundationEssentials
import Testing

@testable import Berth

@Suite struct ImageUsesTests {
    private static func id(_ digit: Character) -> String { "sha256:" + String(repeating: digit, count: 64) }

    private func image(_ digit: Character, _ tags: String..., digests: [String] = []) throws -> ImageSummary {
        ImageSummary(
            id: try #require(ImageID(Self.id(digit))),
            tags: try tags.map { try ImageReference($0) },
            digests: try digests.map { try ImageReference($0) },
            size: 1,
            created: 0
        )
    }

    private func releases(_ app: String, _ images: String...) throws -> [ReleasedImage] {
        try images.map { ReleasedImage(app: try AppName(app), image: try ImageReference($0)) }
    }

    private func run(_ image: String, id: String? = nil, _ state: RunState = .running) throws -> Run {
        var run = try Run.example(state: state)
        run.image = image
        run.imageID = id
        return run
    }

    private func container(_ image: String, id: String) throws -> ContainerSummary {
        let json =
            #"{"Id":"\#(String(repeating: "c", count: 64))","Image":"\#(image)","ImageID":"\#(id)","State":"exited"}"#
        return try JSONDecoder().decode(ContainerSummary.self, from: Data(json.utf8))
    }

    @Test func `A live run counts by the id of its image, and by its name until the id is known`() throws {
        let old = try image("a")
        let new = try image("b", "nginx:latest")
        let runs = [
            try run("nginx", id: Self.id("a")), try run("docker.io/library/nginx", .pulling),
            try run("nginx", id: Self.id("b"), .exited), try run("other"),
        ]
        let uses = ImageUses(runs: runs, releases: [])
        #expect(uses.runs(of: old) == 1)
        #expect(uses.runs(of: new) == 1)
    }

    @Test func `A release counts once for the image that it names, by tag or by digest`() throws {
        let digest = "sha256:" + String(repeating: "0a", count: 32)
        let found = try image("a", "nginx:latest", "nginx:1", digests: ["nginx@\(digest)"])
        let releases = try releases("web", "nginx:1@\(digest)", "nginx:1", "nginx", "nginx:2")
        let uses = ImageUses(runs: [], releases: releases)
        #expect(uses.releases(of: found) == 3)
        #expect(uses.releases(of: try image("b", "nginx:2")) == 1)
        #expect(uses.releases(of: try image("c")) == 0)
    }

    @Test func `Only images of earlier releases can be removed`() throws {
        let images = try ["one", "two", "three", "foreign"].enumerated().map { index, name in
            try image(Character("\(index)"), "\(name):latest")
        }
        let releases = try releases("web", "three", "two", "one")
        func removable(_ kept: Int) -> [String] {
            ImageUses(runs: [], releases: releases, keepReleases: kept).removable(of: images)
                .flatMap { $0.tags.map(\.repository) }
        }
        #expect(removable(1) == ["one", "two"])
        #expect(removable(2) == ["one"])
        #expect(removable(3) == [])
    }

    @Test func `An image that another app's newest release names, by any of its names, stays`() throws {
        let images = [try image("a", "nginx:1", "registry.example.org/web:1")]
        let releases = try releases("blog", "registry.example.org/web:1") + releases("web", "nginx:2", "nginx:1")
        #expect(ImageUses(runs: [], releases: releases, keepReleases: 1).removable(of: images) == [])
    }

    @Test func `An image of a container, by id or by name, or of a live run stays`() throws {
        let images = [try image("a", "nginx:1")]
        let releases = try releases("web", "nginx:2", "nginx:1")
        func removable(_ containers: [ContainerSummary], _ runs: [Run]) -> Bool {
            let uses = ImageUses(containers: containers, runs: runs, releases: releases, keepReleases: 1)
            return !uses.removable(of: images).isEmpty
        }
        #expect(removable([], []))
        #expect(try removable([], [run("nginx:1", .exited)]))
        #expect(try !removable([], [run("nginx:1", .pending)]))
        #expect(try !removable([], [run("nginx:1", id: Self.id("a"))]))
        #expect(try !removable([container("sha256:aaaa", id: Self.id("a"))], []))
        #expect(try !removable([container("nginx:1", id: Self.id("b"))], []))
        #expect(try removable([container("nginx:2", id: Self.id("b"))], []))
    }
}

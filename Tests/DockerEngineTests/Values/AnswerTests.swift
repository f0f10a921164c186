import FoundationEssentials
import Testing

@testable import DockerEngine

/// The values decoded from an engine's JSON, well-formed and damaged.
@Suite struct AnswerTests {
    @Test("Answers as Docker gives them are read")
    func real() throws {
        let summary: ContainerSummary = try decoded(Sample.summary)
        #expect(summary.names == ["/web"])
        #expect(summary.labels == ["berth.app": "web"])
        let details: ContainerDetails = try decoded(Sample.details)
        #expect(details.id == summary.id)
        #expect(details.state.exitCode == 3)
        #expect(details.config.command == ["run"])
        let event: EngineEvent = try decoded(Sample.event)
        #expect(event.timeNano == 1_714_557_600_123_456_789)
        #expect(event.actor.attributes == ["exitCode": "0"])
        let version: EngineVersion = try decoded(Sample.version)
        #expect(version.minAPIVersion == "1.12")
        let info: EngineInfo = try decoded(Sample.info)
        #expect(info.hasLiveRestore == false)
        let progress: PullProgress = try decoded(Sample.progress)
        #expect(progress.detail?.total == 10)
    }

    @Test(
        "The health in a list is the engine's value, or that of its text if there is none",
        arguments: [
            (#""Status":"Up 3 minutes (healthy)""#, .healthy), (#""Status":"Up 3 minutes (unhealthy)""#, .unhealthy),
            (#""Status":"Up 1 second (health: starting)""#, .starting), (#""Status":"Up 3 minutes""#, nil),
            (#""Status":"Up 3 minutes (Paused)""#, nil),
            (#""Status":"Up 3 minutes (healthy)","Health":null"#, .healthy),
            (#""Status":"Up","Health":{"Status":"starting","FailingStreak":0}"#, .starting),
            (#""Status":"Up (healthy)","Health":{"Status":"none"}"#, nil),
            (#""Status":"","Health":{"Status":""}"#, nil),
            (#""Status":"Up (healthy)","Health":{}"#, .healthy),
        ] as [(String, ContainerHealth?)]
    )
    func health(fields: String, health: ContainerHealth?) throws {
        let summary: ContainerSummary = try decoded(
            Sample.summary.replacing(#""State":"running""#, with: #""State":"running",\#(fields)"#)
        )
        #expect(summary.health == health)
    }

    @Test("A removal is Docker's destroy or podman's remove", arguments: ["destroy", "remove"])
    func removal(action: String) throws {
        let event: EngineEvent = try decoded(Sample.event.replacing("die", with: action))
        #expect(event.isRemoval)
        #expect(try decoded(Sample.event, as: EngineEvent.self).isRemoval == false)
    }

    @Test("An event of podman has Docker's fields and more")
    func podmanEvent() throws {
        let event: EngineEvent = try decoded(
            """
            {"status":"die","id":"\(Sample.id)","from":"docker.io/library/busybox:latest","Type":"container",\
            "Action":"die","Actor":{"ID":"\(Sample.id)","Attributes":{"containerExitCode":"3","exitCode":"3",\
            "image":"docker.io/library/busybox:latest","k":"v","name":"x","podId":""}},"scope":"local",\
            "time":1795908836,"timeNano":1795908836700908730}
            """
        )
        #expect(event.action == "die")
        #expect(event.actor.attributes?["exitCode"] == "3")
        #expect(event.timeNano == 1_795_908_836_700_908_730)
    }

    @Test("Lists and maps that Docker leaves out or sets to null are nil")
    func absent() throws {
        let summary: ContainerSummary = try decoded(
            #"{"Id":"\#(Sample.id)","Names":null,"Image":"a","State":"created","Labels":null}"#
        )
        #expect(summary.names == nil)
        #expect(summary.labels == nil)
        let bare: PullProgress = try decoded("{}")
        #expect(bare.status == nil)
        let image: ImageDetails = try decoded(#"{"Id":"sha256:a"}"#)
        #expect(image.tags == nil)
        #expect(image.config == nil)
    }

    /// The kind of value that a field should hold.
    enum Kind: String, Sendable {
        case text
        case number
        case truth
        case optionalText
        case optionalNumber
        case list
        case map
        case portMap
        case mounts
        case optionalObject
        case object

        /// Values of other types, or of sizes that no machine number has.
        var wrongValues: [String] {
            let others = ["[[]]", "[1]", #"{"a":1}"#, "[null]", #"{"a":null}"#]
            return switch self {
            case .text: others + ["1", "true", "[]", "{}", "null"]
            case .number: others + [#""1""#, "true", "[]", "{}", "null", "0.5", "1e30", "-1e30", "9223372036854775808"]
            case .optionalText: others + ["1", "true", "[]", "{}"]
            case .optionalNumber: others + [#""1""#, "true", "[]", "{}", "0.5", "1e30", "9223372036854775808"]
            case .truth: others + ["0", "1", #""true""#, "[]", "{}", "null"]
            case .list: others + ["1", "true", #""a""#, "{}"]
            case .map: others + ["1", "true", #""a""#, "[]"]
            case .portMap:
                [
                    "[]", "1", #""80/tcp""#, #"{"80/tcp":1}"#, #"{"80/tcp":{}}"#, #"{"80/tcp":[1]}"#,
                    #"{"80/tcp":[null]}"#,
                ]
                    + [#"{"80/tcp":[{"HostPort":80}]}"#, #"{"80/tcp":[{"HostIp":1}]}"#]
                    + [#"{"80/tcp":[{"HostIp":"\u001b[31m"}]}"#, #"{"80/tcp":[{"HostIp":"<b>"}]}"#]
            case .mounts:
                ["{}", "1", "[1]", "[null]", "[{}]", #"[{"Type":"volume"}]"#, #"[{"Type":1,"Target":"/"}]"#]
                    + [#"[{"Type":"volume","Target":"/","Source":1}]"#]
                    + [#"[{"Type":"volume","Target":"/","ReadOnly":"no"}]"#]
            case .optionalObject: ["1", "true", #""a""#, "[]", "[{}]"]
            case .object: others + ["1", "true", #""a""#, "[]", "{}", "null"]
            }
        }
    }

    @Test(
        "A wrong type in a container's row is undecodable",
        arguments: [
            ("Id", .text, "\"\(Sample.id)\""), ("Names", .list, #"["/web"]"#), ("Image", .text, #""nginx""#),
            ("State", .text, #""running""#), ("Labels", .map, #"{"berth.app":"web"}"#),
        ] as [(String, Kind, String)]
    )
    func summary(field: String, kind: Kind, value: String) async throws {
        try await expectRefusal(of: ContainerSummary.self, Sample.summary, field, kind, value)
    }

    @Test(
        "A wrong type in a container's details is undecodable",
        arguments: [
            ("Id", .text, "\"\(Sample.id)\""), ("Name", .text, #""/web""#), ("Image", .text, #""sha256:abc""#),
            ("Created", .text, #""2024-05-01T10:00:00.5Z""#), ("Status", .text, #""exited""#),
            ("ExitCode", .number, "3"), ("OOMKilled", .truth, "false"), ("Error", .text, #""""#),
            ("StartedAt", .text, #""2024-05-01T10:00:01Z""#), ("FinishedAt", .text, #""2024-05-01T10:00:02Z""#),
            ("Image", .optionalText, #""nginx""#), ("Cmd", .list, #"["run"]"#), ("Env", .list, #"["A=1"]"#),
            ("Labels", .map, #"{"berth.app":"web"}"#),
            ("Entrypoint", .list, #"["/entry"]"#), ("User", .optionalText, #""nobody""#),
            ("WorkingDir", .optionalText, #""/srv""#), ("StopTimeout", .optionalNumber, "600"),
            ("Memory", .optionalNumber, "1048576"), ("NanoCpus", .optionalNumber, "500000000"),
            ("RestartPolicy", .optionalObject, Sample.policy), ("Name", .optionalText, #""on-failure""#),
            ("PortBindings", .portMap, Sample.portBindings), ("Mounts", .mounts, Sample.mounts),
            ("Ports", .portMap, Sample.publishedPorts),
        ] as [(String, Kind, String)]
    )
    func details(field: String, kind: Kind, value: String) async throws {
        try await expectRefusal(of: ContainerDetails.self, Sample.details, field, kind, value)
    }

    @Test(
        arguments: [
            ("Entrypoint", .list, #"["/entry"]"#), ("Cmd", .list, #"["run"]"#), ("Env", .list, #"["PATH=/bin"]"#),
            ("User", .optionalText, #""""#), ("WorkingDir", .optionalText, #""/srv""#),
            ("Config", .optionalObject, Sample.imageConfig),
        ] as [(String, Kind, String)]
    )
    func `A wrong type in an image's details is undecodable`(field: String, kind: Kind, value: String) async throws {
        try await expectRefusal(of: ImageDetails.self, Sample.image, field, kind, value)
    }

    @Test(
        "A wrong type in the engine's version is undecodable",
        arguments: [("Version", "20.10.24"), ("ApiVersion", "1.41"), ("MinAPIVersion", "1.12")]
    )
    func version(field: String, value: String) async throws {
        for wrong in Kind.text.wrongValues where field != "MinAPIVersion" || wrong != "null" {
            try await expectRefusal(of: EngineVersion.self, Sample.version, field, "\"\(value)\"", wrong)
        }
    }

    @Test(
        "A wrong type in an event is undecodable",
        arguments: [
            ("Type", .text, #""container""#), ("Action", .text, #""die""#), ("ID", .text, "\"\(Sample.id)\""),
            ("Attributes", .map, #"{"exitCode":"0"}"#), ("timeNano", .number, "1714557600123456789"),
            ("Actor", .object, #"{"ID":"\#(Sample.id)","Attributes":{"exitCode":"0"}}"#),
        ] as [(String, Kind, String)]
    )
    func event(field: String, kind: Kind, value: String) async throws {
        try await expectRefusal(of: EngineEvent.self, Sample.event, field, kind, value)
    }

    @Test("An answer that is no object, or no JSON, is undecodable")
    func noObject() async {
        for json in [
            "", " ", "null", "1", "[]", "\"\"", "{", "}", "{]", "<html>", "{\"Id\":", "\u{FEFF}", "{}x", "nul",
        ] {
            await expectUndecodable("\(json)") { _ = try decoded(json, as: ContainerDetails.self) }
        }
    }

    @Test("A negative time or exit code is a number like any other")
    func negative() throws {
        let event: EngineEvent = try decoded(Sample.event.replacing("1714557600123456789", with: "-5"))
        #expect(event.timeNano == -5)
        let exit: ContainerExit = try decoded(#"{"StatusCode":-9223372036854775808}"#)
        #expect(exit.statusCode == .min)
    }

    @Test(
        "A number that no integer holds is undecodable",
        arguments: [
            "1e30", "-1e30", "1e400", "1e999999999", "1.5", "9223372036854775808", "-9223372036854775809", "NaN",
            "Infinity",
            "0x10", "01", "+1", "1_000", String(repeating: "9", count: 10_000), "1e-1",
        ]
    )
    func hugeNumber(_ number: String) async {
        await expectUndecodable { _ = try decoded(#"{"StatusCode":\#(number)}"#, as: ContainerExit.self) }
    }

    @Test("What an undecodable answer says is kept out of the error's words, or made harmless")
    func hostileWords() async {
        let hostile = #"\u001b]0;owned\u0007\r\n\u202e"# + String(repeating: "x", count: 100_000)
        let labels = Sample.summary.replacing(#"{"berth.app":"web"}"#, with: #"{"\#(hostile)":1}"#)
        await expectUndecodable { _ = try decoded(labels, as: ContainerSummary.self) }
        let state = Sample.summary.replacing(#""running""#, with: #"{"\#(hostile)":1}"#)
        await expectUndecodable { _ = try decoded(state, as: ContainerSummary.self) }
    }

    private func expectRefusal<Value: Decodable>(
        of type: Value.Type,
        _ sample: String,
        _ field: String,
        _ kind: Kind,
        _ value: String
    ) async throws {
        for wrong in kind.wrongValues { try await expectRefusal(of: type, sample, field, value, wrong) }
    }

    private func expectRefusal<Value: Decodable>(
        of type: Value.Type,
        _ sample: String,
        _ field: String,
        _ value: String,
        _ wrong: String
    ) async throws {
        let right = "\"\(field)\":\(value)"
        try #require(sample.contains(right))
        let spoilt = sample.replacing(right, with: "\"\(field)\":\(wrong)")
        await expectUndecodable("\(spoilt)") { _ = try decoded(spoilt, as: type) }
    }
}

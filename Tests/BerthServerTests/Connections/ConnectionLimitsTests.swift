import Logging
import Testing

@testable import Berth
@testable import BerthServer

@Suite struct ConnectionLimitsTests {
    private func limits(_ descriptors: Int) -> ConnectionLimits {
        ConnectionLimits(
            descriptorLimit: descriptors,
            proxies: TrustedProxies(networks: ["10.0.0.1"].compactMap { IPNetwork($0) }),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
    }

    @Test func `As many connections are accepted as leave descriptors for the rest`() {
        #expect(limits(256).maximum == 96)
        #expect(limits(65_536).maximum == 32_736)
        #expect(limits(10).maximum == 8)
    }

    @Test(arguments: ["127.0.0.1", "10.0.0.1", nil])
    func `When all are open, new ones are refused until one is closed`(_ text: String?) {
        let (limits, address) = (limits(256), text.flatMap { IPAddress($0) })
        for _ in 0..<96 { #expect(limits.open(address)) }
        #expect(!limits.open(address))
        limits.close(address)
        #expect(limits.open(address))
        #expect(!limits.open(IPAddress("192.0.2.1")))
    }

    @Test func `One address gets a quarter of them, and one network of IPv6 counts as one address`() {
        let limits = limits(256)
        for _ in 0..<24 { #expect(limits.open(IPAddress("192.0.2.1"))) }
        #expect(!limits.open(IPAddress("192.0.2.1")))
        #expect(limits.open(IPAddress("192.0.2.2")))
        for host in 0..<24 { #expect(limits.open(IPAddress("2001:db8::\(host)"))) }
        #expect(!limits.open(IPAddress("2001:db8::ffff")))
        for _ in 0..<24 { limits.close(IPAddress("192.0.2.1")) }
        #expect(limits.open(IPAddress("192.0.2.1")))
    }
}

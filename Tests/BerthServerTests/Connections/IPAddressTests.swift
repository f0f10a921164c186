import NIOCore
import Testing

@testable import Berth
@testable import BerthServer

@Suite struct IPAddressTests {
    @Test(arguments: [
        ("192.0.2.1", "192.0.2.1"), ("::ffff:192.0.2.1", "192.0.2.1"), ("2001:DB8:0::1", "2001:db8::1"), ("::", "::"),
        ("255.255.255.255", "255.255.255.255"), ("::1", "::1"),
    ])
    func `An address is shown in its usual form`(_ text: String, _ shown: String) throws {
        let address = try #require(IPAddress(text))
        #expect(address.description == shown)
        #expect(IPAddress(try SocketAddress(ipAddress: text, port: 1)) == address)
    }

    @Test(arguments: [
        "", "1.2.3", "1.2.3.4.5", "256.0.0.1", "[::1]", "localhost", "1.2.3.4:80", "::1%lo", " ::1", "1.2.3.4\0",
    ])
    func `Anything else is no address`(_ text: String) { #expect(IPAddress(text) == nil) }

    @Test func `Loopback and the network of one client are known`() throws {
        for text in ["127.0.0.1", "127.255.0.1", "::1", "::ffff:127.0.0.1"] {
            #expect(try #require(IPAddress(text)).isLoopback, "\(text)")
        }
        for text in ["126.0.0.1", "128.0.0.1", "::2", "::", "0.0.0.0", "7f00::1"] {
            #expect(try !#require(IPAddress(text)).isLoopback, "\(text)")
        }
        #expect(IPAddress("2001:db8:1:2:3:4:5:6")?.site == IPAddress("2001:db8:1:2:ffff::")?.site)
        #expect(IPAddress("2001:db8:1:2::")?.site != IPAddress("2001:db8:1:3::")?.site)
        #expect(IPAddress("192.0.2.1")?.site != IPAddress("192.0.2.2")?.site)
    }

    @Test(arguments: [
        ("10.0.0.0/8", "10.255.0.1", true), ("10.0.0.0/8", "11.0.0.1", false), ("10.0.0.1", "10.0.0.1", true),
        ("10.0.0.1", "10.0.0.2", false), ("0.0.0.0/0", "192.0.2.1", true), ("0.0.0.0/0", "2001:db8::1", false),
        ("::/0", "2001:db8::1", true), ("fd00::/8", "fdff::1", true), ("fd00::/8", "fe00::1", false),
        ("2001:db8::/65", "2001:db8::7fff:0:0:1", true), ("2001:db8::/65", "2001:db8::8000:0:0:1", false),
        ("10.1.2.3/8", "10.9.9.9", true), ("192.0.2.0/31", "192.0.2.1", true), ("192.0.2.0/31", "192.0.2.2", false),
    ])
    func `A network has the addresses with its first bits`(_ network: String, _ address: String, _ has: Bool) throws {
        let (network, address) = (try #require(IPNetwork(network)), try #require(IPAddress(address)))
        #expect(network.contains(address) == has)
    }
}

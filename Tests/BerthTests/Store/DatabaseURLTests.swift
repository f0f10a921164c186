import Foundation
import TestSupport
import Testing

@testable import Berth
@testable import SQL

@Suite struct DatabaseURLTests {
    private func address(_ text: String) throws -> MySQLAddress { try DatabaseURL(text).mysqlAddress }

    @Test(arguments: [
        ("mysql://u:p@db.example.org/berth", MySQLAddress.Place.tcp(host: "db.example.org", port: 3306)),
        ("mariadb://u@127.0.0.1:3307/berth", .tcp(host: "127.0.0.1", port: 3307)),
        ("mysql://u@[::1]:3307/berth", .tcp(host: "::1", port: 3307)),
        ("mysql://u@[fe80::1]/berth", .tcp(host: "fe80::1", port: 3306)),
        ("mysql://u@localhost/berth?socket=/run/mysqld/mysqld.sock", .socket(path: "/run/mysqld/mysqld.sock")),
        ("mysql://u@/berth?socket=/run/%61.sock", .socket(path: "/run/a.sock")),
    ])
    func `A database URL names its server`(_ text: String, _ place: MySQLAddress.Place) throws {
        #expect(try address(text).place == place)
        #expect(try address(text).database == "berth")
    }

    @Test func `Characters with a meaning in URLs are percent-encoded`() throws {
        let address = try address("mysql://be%40rth:p%40ss%2Fw%C3%B6rd%3A%25@h/my%2Fdb%3F")
        #expect(address.user == "be@rth")
        #expect(try address.password.read() == "p@ss/wörd:%")
        #expect(address.database == "my/db?")
        #expect(try self.address("mysql://u:a:b@h/d").password.read() == "a:b")
        #expect(try self.address("mysql://u@h/d").password.read().isEmpty)
    }

    @Test(arguments: [
        ("mysql://u@127.0.0.1/d", MySQLAddress.TLS.preferred), ("mysql://u@localhost/d", .preferred),
        ("mysql://u@[::1]/d", .preferred), ("mysql://u@db/d", .required), ("mysql://u@127.evil.org/d", .required),
        ("mysql://u@10.0.0.1/d", .required), ("mysql://u@localhost/d?ca=/ca.pem", .required),
        ("mysql://u@db/d?tls=off", .off), ("mysql://u@db/d?tls=preferred", .preferred),
        ("mysql://u@localhost/d?tls=required", .required), ("mysql://u@localhost/d?socket=/s", .off),
    ])
    func `Connections to other machines are encrypted and verified by default`(
        _ text: String,
        _ tls: MySQLAddress.TLS
    ) throws {
        #expect(try address(text).tls == tls)
    }

    @Test func `The password may be in a file, with or without a final newline`() async throws {
        try await withTemporaryDirectory { directory in
            for (content, password) in [("secret\n", "secret"), ("a b ", "a b "), ("x\n\n", "x\n"), ("y\r\n", "y")] {
                try content.write(toFile: directory + "/p", atomically: true, encoding: .utf8)
                #expect(try address("mysql://u@h/d?password_file=\(directory)/p").password.read() == password)
            }
            #expect(throws: MySQLFailure("the password cannot be read from \(directory)/none")) {
                try address("mysql://u@h/d?password_file=\(directory)/none").password.read()
            }
        }
    }

    @Test(arguments: [
        ("mysql://berth:s3cret@db:3307/berth?tls=off", "mysql://berth@db:3307/berth"),
        ("mariadb://b%40:s3cret@[::1]/b%2F", "mysql://b%40@[::1]:3306/b%2F"),
        ("mysql://u:s3cret@localhost/d?socket=/run/s", "mysql://u@localhost/d?socket=/run/s"),
        ("sqlite:/a b/c.db", "sqlite:/a b/c.db"), ("sqlite:/a:b/%41$#\\.db", "sqlite:/a:b/%41$#\\.db"),
    ])
    func `No text form of a URL contains the password`(_ text: String, _ description: String) throws {
        let url = try DatabaseURL(text)
        #expect("\(url)" == description)
        var dumped = ""
        dump(url, to: &dumped)
        for shown in [dumped, String(reflecting: url), "\([url])"] { #expect(!shown.contains("s3cret")) }
    }

    @Test(arguments: [
        ("", "must begin with"), ("/srv/berth.db", "must begin with"), ("postgres://u:s3cret@h/d", "must begin with"),
        ("sqlite:", "must be followed by the path"), ("mysql://u:s3cret@h", "no database name"),
        ("mysql://u:s3cret@h/", "no database name"), ("mysql://h/d", "no user name"),
        ("mysql://:s3cret@h/d", "no user name"), ("mysql://u:s3@cret@h/d", "more than one @"),
        ("mysql://u:s3cret/@h/d", "no user name"), ("mysql://u:s3cret@/d", "host is neither a name"),
        ("mysql://u:s3cret@a b/d", "host is neither a name"), ("mysql://u:s3cret@::1/d", "host is neither a name"),
        ("mysql://u:s3cret@[::1/d", "no closing ]"), ("mysql://u:s3cret@[zz]/d", "not an IPv6"),
        ("mysql://u:s3cret@h:0/d", "port"), ("mysql://u:s3cret@h:70000/d", "port"),
        ("mysql://u:s3cret@h:/d", "port"), ("mysql://u:s3cret@h:+1/d", "port"), ("mysql://u:s3cret@[::1]x/d", "port"),
        ("mysql://u:s3cret%@h/d", "% without two"), ("mysql://u:s3cret%zz@h/d", "% without two"),
        ("mysql://u:s3cret%00@h/d", "not valid text"), ("mysql://u:s3cret%FF@h/d", "not valid text"),
        ("mysql://u:s3cret\u{0}@h/d", "control character"), ("mysql://u:s3cret\n@h/d", "control character"),
        ("mysql://u:s3cret@h/d/e", "second /"), ("mysql://u:s3cret@h/d%20", "ends with a space"),
        ("mysql://u:s3cret@h/d?tsl=off", "must be tls, ca, socket or password_file, not tsl"),
        ("mysql://u:s3cret@h/d?ssl-mode=REQUIRED", "not ssl-mode; use tls=required"),
        ("mysql://u:s3cret@h/d?sslMode=VERIFY_CA", "not sslMode; use tls=required"),
        ("mysql://u:s3cret@h/d?useSSL=true", "not useSSL; use tls=required"),
        ("mysql://u:s3cret@h/d?ssl-ca=/ca.pem", "not ssl-ca; use ca=/path"),
        ("mysql://u:s3cret@h/d?charset=utf8mb4", "not charset; omit it"),
        ("mysql://u:s3cret@h/d?password=s3", "not password; use password_file="),
        ("mysql://u:a@b/c?s3cret=1@h/d", "one of them is not"),
        ("sqlite: ", "must be followed by the path"), ("sqlite:/", "must be followed by the path"),
        ("sqlite:/srv/", "must be followed by the path"),
        ("sqlite:..", "must be followed by the path"), ("sqlite:?mode=memory", "must be followed by the path"),
        ("sqlite::memory:", "without file: or :memory:"), ("sqlite:///:memory:", "without file: or :memory:"),
        ("sqlite::memory:?cache=shared", "without file: or :memory:"),
        ("sqlite:file::memory:?cache=shared", "without file: or :memory:"),
        ("sqlite:file:/srv/berth.db", "without file: or :memory:"), ("sqlite:/srv/berth.db?mode=ro", "without ?"),
        ("mysql://u:s3cret@h/d?tls=on", "tls= must be required, preferred or off"),
        ("mysql://u:s3cret@h/d?tls=off&tls=off", "repeated"),
        ("mysql://u:s3cret@h/d?tls=off&ca=/c", "requires tls=required"),
        ("mysql://u:s3cret@h/d?ca=c.pem", "begins with /"), ("mysql://u:s3cret@h/d?socket=s", "begins with /"),
        ("mysql://u:s3cret@h/d?socket=/s&tls=required", "cannot be used with a Unix socket"),
        ("mysql://u:s3cret@h/d?password_file=/p", "both a password and"),
    ])
    func `An unusable URL is refused with the reason and without the password`(_ text: String, _ reason: String) {
        let fault = #expect(throws: InvalidDatabaseURL.self) { try DatabaseURL(text) }
        #expect(fault?.description.contains(reason) == true, "\(String(describing: fault))")
        #expect(fault?.description.contains("s3") == false)
    }

    @Test func `Names too long for the name of the lock are refused`() throws {
        let longest = String(repeating: "d", count: MySQLAddress.maximumDatabaseBytes)
        #expect(try address("mysql://u@h/\(longest)").database == longest)
        #expect(throws: InvalidDatabaseURL.self) { try DatabaseURL("mysql://u@h/\(longest)d") }
    }
}

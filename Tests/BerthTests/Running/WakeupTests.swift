import Testing

@testable import Berth

@Suite(.timeLimit(.minutes(5))) struct WakeupTests {
    @Test func `An earlier signal is received at once, and only once`() async throws {
        let signal = Wakeup()
        signal.send()
        signal.send()
        await signal.wait()
        let clock = ContinuousClock()
        let waited = await clock.measure { await signal.wait(atMost: .milliseconds(30)) }
        #expect(waited >= .milliseconds(25))
    }

    @Test func `A signal wakes a waiter`() async throws {
        let signal = Wakeup()
        await withTaskGroup(of: Void.self) { group in
            group.addImmediateTask { await signal.wait() }
            signal.send()
            await group.waitForAll()
        }
    }

    @Test func `A cancelled waiter stops waiting`() async throws {
        let signal = Wakeup()
        await withTaskGroup(of: Void.self) { group in
            group.addImmediateTask { await signal.wait() }
            group.cancelAll()
            await group.waitForAll()
        }
    }

    @Test func `A task that was already cancelled does not wait`() async throws {
        let signal = Wakeup()
        await withTaskGroup(of: Void.self) { group in
            group.cancelAll()
            group.addTask { await signal.wait() }
            await group.waitForAll()
        }
    }

    @Test func `A wait has a timeout, and a signal ends it earlier`() async throws {
        let clock = ContinuousClock()
        let signal = Wakeup()
        #expect(await clock.measure { await signal.wait(atMost: .milliseconds(30)) } >= .milliseconds(25))
        let waited = await clock.measure {
            await withTaskGroup(of: Void.self) { group in
                group.addImmediateTask { await signal.wait(atMost: .seconds(50)) }
                signal.send()
                await group.waitForAll()
            }
        }
        #expect(waited < .seconds(10))
    }

    @Test func `No signal is lost between waits`() async throws {
        let signal = Wakeup()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<2000 {
                group.addTask { signal.send() }
                await signal.wait()
                await group.next()
            }
        }
    }
}

// A stolen console that speaks TLS as it should and then says what it likes.
#include "tests/partition-manager/uplink/hostile_console.hpp"

namespace bulkhead::uplink {
namespace {

// Whether a line is free is the gateway's word, whoever asks.
TEST_F(HostileConsole, has_no_line_tested_that_a_person_at_the_gateway_could_not) {
    console.speak = [this](Console::Stream& stream) {
        v1alpha1::TestDeviceRequest request;
        request.set_device("rs485-1");
        stream.Write(whole_call("TestDevice", "user:ida", request));
        drain(stream);
    };
    connect();
    EXPECT_TRUE(comes_true([this] { return calls_ended == 1; }));
    const std::scoped_lock lock(control.mutex, rounds.mutex);
    EXPECT_THAT(call_errors, testing::ElementsAre(testing::HasSubstr("a virtual machine has rs485-1")));
    EXPECT_EQ(control.actor, "user:ida");
}

// gRPC ends the process over other letters in metadata than ASCII's.
TEST_F(HostileConsole, may_name_a_person_in_any_letters) {
    console.speak = [this](Console::Stream& stream) {
        v1alpha1::SetLockRequest request;
        request.set_partition("press");
        stream.Write(whole_call("SetLock", "user:jürgen", request));
        drain(stream);
    };
    connect();
    EXPECT_TRUE(comes_true([this] { return calls_ended == 1; }));
    const std::scoped_lock lock(control.mutex, rounds.mutex);
    EXPECT_THAT(call_errors, testing::IsEmpty());
    EXPECT_EQ(control.actor, "user:jürgen");
}

TEST_F(HostileConsole, that_asks_for_evidence_without_end_is_not_answered_without_end) {
    console.speak = [this](Console::Stream& stream) {
        v1alpha1::FromConsole message;
        for (int i = 0; i < 500; ++i) {
            message.mutable_challenge()->set_round(static_cast<std::uint64_t>(i));
            stream.Write(message);
            message.mutable_activate_guest()->set_uuid("u");
            stream.Write(message);
            message.mutable_desired()->set_envelope(std::to_string(i));
            stream.Write(message);
        }
        message.mutable_call()->set_id(1);
        message.mutable_call()->set_method("no such");
        stream.Write(message);
        drain(stream);
    };
    connect();
    ASSERT_TRUE(comes_true([this] { return calls_ended == 1; })) << uplink->state().text;
    std::function<void(Errors)> taken;
    {
        const std::scoped_lock lock(rounds.mutex);
        EXPECT_EQ(rounds.rounds.size(), 2U);
        EXPECT_EQ(rounds.activations.size(), 64U);
        ASSERT_EQ(desired.size(), 1U);
        rounds.rounds.front()(fail(Code::timeout, "no TPM"));
        taken = std::move(desired.front().second);
    }
    // The newest of those that waited.
    taken({});
    taken = nullptr;
    EXPECT_TRUE(comes_true([this] {
        const std::scoped_lock lock(rounds.mutex);
        return desired.size() == 2U && desired.back().first == "499";
    }));
}

TEST_F(HostileConsole, that_reads_nothing_is_given_no_memory) {
    console.speak = [&](Console::Stream& stream) {
        v1alpha1::FromConsole message;
        message.mutable_call()->set_id(1);
        message.mutable_call()->set_method(std::string(8000, 'x'));
        for (; !done && written < 1'000'000 && stream.Write(message); ++written)
            message.mutable_call()->set_id(written + 2);
    };
    connect();
    // The line comes to rest long before what was written could be answered.
    int before = -1;
    EXPECT_TRUE(comes_true([&] {
        const int now = written;
        if (now > 0 && now == before) return true;
        before = now;
        std::this_thread::sleep_for(1s);
        return false;
    }));
    EXPECT_LT(written, 1'000'000);
    // And it can be left.
    uplink->stop();
}

TEST_F(HostileConsole, of_a_call_with_a_window_no_more_is_sent_than_is_wanted) {
    constexpr std::uint32_t window = 100'000;
    constexpr auto most = window + OwnSwitch::piece_size + 100;  // the last one may reach beyond
    std::atomic<bool> widen = false;
    std::atomic<bool> end = false;
    console.speak = [&](Console::Stream& stream) {
        stream.Write(capture(window, "acme"));
        std::jthread reading([&] { drain(stream); });
        v1alpha1::FromConsole message;
        message.mutable_call()->set_id(1);
        while (!widen && !done) std::this_thread::sleep_for(1ms);
        message.mutable_call()->set_window(window);
        stream.Write(message);
        while (!end && !done) std::this_thread::sleep_for(1ms);
        message.mutable_call()->clear_window();
        message.mutable_call()->set_end(true);
        stream.Write(message);
    };
    connect();
    ASSERT_TRUE(comes_true([&] { return captured >= window - OwnSwitch::piece_size; }));
    // The line goes on, so what should not come had its turns.
    ASSERT_TRUE(events.append({"partition.started", "manager", {}, {}, {}, "a"}));
    uplink->poke();
    ASSERT_TRUE(comes_true([&] { return event_batches > 0; }));
    EXPECT_LE(captured, most);
    widen = true;
    ASSERT_TRUE(comes_true([&] { return captured > most; }));
    EXPECT_LE(captured, 2 * most);
    // And one that waits for its window can be ended.
    end = true;
    EXPECT_TRUE(comes_true([&] { return switches.left.load() && calls_ended == 1; }));
    const std::scoped_lock lock(switches.mutex);
    EXPECT_EQ(switches.tenant, "acme");
}

TEST_F(HostileConsole, a_call_that_has_always_more_to_tell_holds_up_neither_reports_nor_events) {
    console.speak = [&](Console::Stream& stream) {
        stream.Write(capture(0));
        v1alpha1::FromGateway message;
        v1alpha1::FromConsole acknowledged;
        while (!done && stream.Read(&message)) {
            note(message);
            if (!message.has_events()) continue;
            acknowledged.mutable_events_ack()->set_id(message.events().items().rbegin()->id());
            stream.Write(acknowledged);
        }
    };
    connect();
    ASSERT_TRUE(comes_true([&] { return captured > 50 * OwnSwitch::piece_size; }));
    for (int i = 1; i <= 5; ++i) {
        const int batches = event_batches;
        const auto begin = captured.load();
        ASSERT_TRUE(events.append({"partition.started", "manager", {}, {}, {}, "a"}));
        uplink->poke();
        EXPECT_TRUE(comes_true([&] { return event_batches > batches; })) << i;
        EXPECT_TRUE(comes_true([&] { return captured > begin; })) << "and it goes on";
    }
    EXPECT_GE(reports, 1);
}

TEST_F(HostileConsole, can_not_make_the_database_refuse_events) {
    console.welcome.set_events_have(static_cast<std::uint64_t>(INT64_MAX));
    console.welcome.set_console_time("2031-05-04T12:00:00Z" + std::string(1 << 20, ' '));
    console.speak = [&](Console::Stream& stream) {
        v1alpha1::FromGateway message;
        while (stream.Read(&message))
            if (message.has_beat()) beaten = true;
    };
    connect();
    EXPECT_TRUE(comes_true([&] { return beaten.load(); }));
    EXPECT_TRUE(events.append({"partition.started", "manager", {}, {}, {}, "a"}));
    EXPECT_TRUE(Identity::open(folder / "uplink"));
}

}  // namespace
}  // namespace bulkhead::uplink

// The console's Control service on gRPC, over the fake fleet: who may call what, and for how long.
#include "console/server/control_service.hpp"

#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <gtest/gtest.h>

#include <thread>

#include "console/server/switch_service.hpp"
#include "tests/console/server/http/fake_fleet.hpp"

namespace bulkhead::console {
namespace {

using std::chrono::milliseconds;
using Code = grpc::StatusCode;

class ControlTest : public testing::Test {
  protected:
    void SetUp() override {
        grpc::ServerBuilder builder;
        builder.RegisterService(&service_);
        builder.RegisterService(&switches_);
        server_ = builder.BuildAndStart();
        channel_ = server_->InProcessChannel({});
        stub_ = api::Control::NewStub(channel_);
        switch_stub_ = api::Switch::NewStub(channel_);
    }
    void TearDown() override { server_->Shutdown(std::chrono::system_clock::now()); }

    // A call of its own, with a deadline, by a user or by nobody.
    static std::unique_ptr<grpc::ClientContext> by(const std::string& user) {
        auto context = std::make_unique<grpc::ClientContext>();
        context->set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
        if (!user.empty()) context->AddMetadata("authorization", "Bearer session-" + user);
        return context;
    }
    template <class Message>
    static Message of(const std::string& partition) {
        Message message;
        message.set_gateway("gw-1");
        message.set_partition(partition);
        return message;
    }
    // How any method answers an empty message: also one that was added after this test.
    Code empty_call(const std::string& method, const std::string& user) {
        grpc::GenericStub stub(channel_);
        const auto context = by(user);
        grpc::CompletionQueue queue;
        void* tag = nullptr;
        bool well = false;
        const auto call = stub.PrepareCall(context.get(), "/bulkhead.v1alpha1." + method, &queue);
        call->StartCall(this);
        queue.Next(&tag, &well);
        grpc::Slice nothing;
        call->WriteLast(grpc::ByteBuffer(&nothing, 1), {}, this);
        queue.Next(&tag, &well);
        do {
            grpc::ByteBuffer answer;
            call->Read(&answer, this);
            queue.Next(&tag, &well);
        } while (well);
        grpc::Status status;
        call->Finish(&status, this);
        queue.Next(&tag, &well);
        return status.error_code();
    }
    std::unique_ptr<grpc::ClientReader<api::LogLine>> follow(grpc::ClientContext& context) {
        const auto before = fleet_.relayed();
        auto reader = stub_->Logs(&context, of<api::LogsRequest>("robot-cell"));
        while (fleet_.relayed() == before) std::this_thread::yield();
        return reader;
    }
    Code logs_of(const std::string& user) {
        const auto context = by(user);
        const auto reader = stub_->Logs(context.get(), of<api::LogsRequest>("robot-cell"));
        api::LogLine line;
        while (reader->Read(&line)) {
        }
        return reader->Finish().error_code();
    }

    grpc::Status test(const std::string& user, const std::string& gateway, const std::string& device,
                      api::DeviceTest* tested = nullptr) {
        const auto context = by(user);
        api::TestDeviceRequest request;
        request.set_gateway(gateway);
        request.set_device(device);
        api::DeviceTest unread;
        return stub_->TestDevice(context.get(), request, tested == nullptr ? &unread : tested);
    }

    FakeFleet fleet_;
    Passage passage_{fleet_, milliseconds(50)};
    ControlService service_{fleet_, passage_};
    SwitchService switches_{fleet_, passage_};
    std::unique_ptr<grpc::Server> server_;
    std::shared_ptr<grpc::Channel> channel_;
    std::unique_ptr<api::Control::Stub> stub_;
    std::unique_ptr<api::Switch::Stub> switch_stub_;
};

TEST_F(ControlTest, whoever_is_not_signed_in_gets_the_version_and_nothing_else) {
    // A gateway's alone; the console has no such thing, for nobody.
    const std::set<std::string> of_a_gateway{"Diagnose", "Plan",       "TearDown",    "Measure",
                                             "Enrol",    "PushBundle", "ListBundles", "RemoveBundle"};
    const auto& control = *api::Version::descriptor()->file()->FindServiceByName("Control");
    ASSERT_GT(control.method_count(), 15);
    for (int at = 0; at < control.method_count(); ++at) {
        const std::string name(control.method(at)->name());
        const auto wanted = name == "GetVersion"          ? Code::OK
                            : of_a_gateway.contains(name) ? Code::UNIMPLEMENTED
                                                          : Code::UNAUTHENTICATED;
        EXPECT_EQ(empty_call("Control/" + name, ""), wanted) << name;
        EXPECT_EQ(empty_call("Control/" + name, "nobody"), wanted) << name;
    }
}

// To look into a switch is its gateway's own, whoever asks; but for a capture, that the gateway is asked for.
TEST_F(ControlTest, of_switches_it_lists_routers_and_denials_for_who_is_signed_in) {
    const std::set<std::string> lists{"ListRouters", "ListDenials", "Capture"};
    const auto& switches = *api::Proof::descriptor()->file()->FindServiceByName("Switch");
    ASSERT_EQ(switches.method_count(), 6);
    for (int at = 0; at < switches.method_count(); ++at) {
        const std::string name(switches.method(at)->name());
        const bool listed = lists.contains(name);
        for (const auto* user : {"", "nobody"})
            EXPECT_EQ(empty_call("Switch/" + name, user),
                      listed ? Code::UNAUTHENTICATED : Code::UNIMPLEMENTED)
                << name;
        for (const auto* user : {"ida", "otto", "vera", "aude"})
            EXPECT_EQ(empty_call("Switch/" + name, user), name == "Capture" ? Code::INVALID_ARGUMENT
                                                          : listed          ? Code::NOT_FOUND
                                                                            : Code::UNIMPLEMENTED)
                << name;
    }
    api::ListRequest request;
    request.set_gateway("gw-1");
    for (const auto* user : {"ida", "otto", "vera", "aude"}) {
        api::DenialList denials;
        EXPECT_TRUE(switch_stub_->ListDenials(by(user).get(), request, &denials).ok());
        EXPECT_EQ(denials.items(0).reason(), "no_conduit");
        api::RouterList routers;
        EXPECT_TRUE(switch_stub_->ListRouters(by(user).get(), request, &routers).ok());
        EXPECT_EQ(routers.items(0).tenant(), "acme");
    }
}

TEST_F(ControlTest, each_role_may_call_what_the_table_says) {
    const auto progress = [&](const std::string& user, auto start) {
        const auto context = by(user);
        const auto reader = start(*context);
        api::Progress message;
        while (reader->Read(&message)) {
        }
        return reader->Finish().error_code();
    };
    const auto listed = [&](const std::string& user, auto method, auto list) {
        const auto context = by(user);
        api::ListRequest request;
        request.set_gateway("gw-1");
        return ((*stub_).*method)(context.get(), request, &list).error_code();
    };
    using Stub = api::Control::Stub;
    struct Row {
        const char* call;
        std::function<Code(const std::string&)> as;
        std::set<std::string> may;
    };
    const std::set<std::string> all{"ida", "otto", "vera", "aude"};
    const std::vector<Row> table{
        {"ListGateways", [&](const auto& u) { return listed(u, &Stub::ListGateways, api::GatewayList()); },
         all},
        {"ListPartitions",
         [&](const auto& u) { return listed(u, &Stub::ListPartitions, api::PartitionList()); }, all},
        {"ListDevices", [&](const auto& u) { return listed(u, &Stub::ListDevices, api::DeviceList()); }, all},
        {"ListZones", [&](const auto& u) { return listed(u, &Stub::ListZones, api::ZoneList()); }, all},
        {"ListConduits", [&](const auto& u) { return listed(u, &Stub::ListConduits, api::ConduitList()); },
         all},
        {"SetRun",
         [&](const auto& u) {
             return progress(
                 u, [&](auto& c) { return stub_->SetRun(&c, of<api::SetRunRequest>("robot-cell")); });
         },
         {"ida", "otto"}},
        {"SetLock",
         [&](const auto& u) {
             const auto context = by(u);
             api::SetLockReply reply;
             return stub_->SetLock(context.get(), of<api::SetLockRequest>("robot-cell"), &reply).error_code();
         },
         {"ida", "otto"}},
        {"TestDevice", [&](const auto& u) { return test(u, "", "line-of-gw-1").error_code(); }, {"ida"}},
        {"Apply",
         [&](const auto& u) { return progress(u, [&](auto& c) { return stub_->Apply(&c, {}); }); },
         {"ida"}},
    };
    for (const auto& row : table)
        for (const auto& user : all)
            EXPECT_EQ(row.as(user), row.may.contains(user) ? Code::OK : Code::FAILED_PRECONDITION)
                << row.call << " as " << user;
    EXPECT_EQ(logs_of("aude"), Code::FAILED_PRECONDITION);
}

TEST_F(ControlTest, a_line_is_tested_by_the_gateway_that_has_it) {
    api::DeviceTest tested;
    ASSERT_TRUE(test("ida", "", "line-of-gw-1", &tested).ok());
    EXPECT_EQ(tested.sent(), 256U);
    const auto relayed = fleet_.relayed();
    EXPECT_EQ(relayed->method, "TestDevice");
    api::TestDeviceRequest asked;
    ASSERT_TRUE(asked.ParseFromString(relayed->request));
    EXPECT_EQ(asked.device(), "line-of-gw-1");
    EXPECT_EQ(test("ida", "", "nothing").error_code(), Code::NOT_FOUND);
    const auto two = test("ida", "", "meter");
    EXPECT_EQ(two.error_code(), Code::INVALID_ARGUMENT);
    EXPECT_NE(two.error_message().find("more than one gateway has a device 'meter'"), std::string::npos);
    EXPECT_TRUE(test("ida", "gw-1", "meter").ok());
    EXPECT_EQ(test("ida", "gw-2", "meter").error_code(), Code::ABORTED) << "not connected";
}

TEST_F(ControlTest, what_is_another_tenants_does_not_exist_for_a_vendor) {
    const auto context = by("vera");
    const auto reader = stub_->Logs(context.get(), of<api::LogsRequest>("press"));
    api::LogLine line;
    EXPECT_FALSE(reader->Read(&line));
    EXPECT_EQ(reader->Finish().error_code(), Code::NOT_FOUND);
}

TEST_F(ControlTest, a_followed_log_ends_with_its_session) {
    const auto context = by("vera");
    const auto reader = follow(*context);
    fleet_.sign_out("session-vera");
    api::LogLine line;
    EXPECT_FALSE(reader->Read(&line));
    EXPECT_EQ(reader->Finish().error_code(), Code::UNAUTHENTICATED);
    EXPECT_TRUE(fleet_.relayed()->cancelled);
}

TEST_F(ControlTest, a_serial_console_ends_with_its_session) {
    const auto context = by("vera");
    const auto stream = stub_->Attach(context.get());
    stream->Write(of<api::ConsoleInput>("robot-cell"));
    while (!fleet_.relayed()) std::this_thread::yield();
    fleet_.sign_out("session-vera");
    api::ConsoleOutput output;
    EXPECT_FALSE(stream->Read(&output));
    EXPECT_FALSE(stream->Finish().ok());
    while (!fleet_.relayed()->cancelled) std::this_thread::yield();
}

TEST_F(ControlTest, one_user_does_not_take_all_places) {
    std::vector<std::unique_ptr<grpc::ClientContext>> contexts;
    std::vector<std::unique_ptr<grpc::ClientReader<api::LogLine>>> readers;
    for (int count = 0; count < 16; ++count) readers.push_back(follow(*contexts.emplace_back(by("vera"))));
    EXPECT_EQ(logs_of("vera"), Code::ABORTED);
    const auto context = by("ida");
    const auto reader = follow(*context);
    for (const auto& each : contexts) each->TryCancel();
    context->TryCancel();
}

TEST_F(ControlTest, a_capture_is_asked_of_the_gateway_that_has_it_and_read_as_fast_as_its_reader) {
    const auto context = by("vera");
    api::CaptureRequest request;
    request.set_subject("interface/robot-cell");
    const auto before = fleet_.relayed();
    const auto reader = switch_stub_->Capture(context.get(), request);
    while (fleet_.relayed() == before) std::this_thread::yield();
    const auto relayed = fleet_.relayed();
    EXPECT_EQ(relayed->method, "Capture");
    EXPECT_GT(relayed->events.window, 0U);
    EXPECT_EQ(relayed->taken, 0U);
    api::CapturePiece piece;
    piece.set_what("interface bhrobot-cell-0 of robot-cell");
    const auto bytes = piece.SerializeAsString();
    relayed->events.message(bytes);
    api::CapturePiece got;
    ASSERT_TRUE(reader->Read(&got));
    EXPECT_EQ(got.what(), piece.what());
    while (relayed->taken != bytes.size()) std::this_thread::yield();
    relayed->events.end({Error{bulkhead::Code::unavailable, "interface 'bhrobot-cell-0' was deleted"}});
    EXPECT_FALSE(reader->Read(&got));
    EXPECT_NE(reader->Finish().error_message().find("was deleted"), std::string::npos);
}

TEST_F(ControlTest, a_capture_of_what_is_not_there_or_may_not_be_seen_is_refused) {
    const auto asked = [&](const std::string& user, const std::string& subject) {
        const auto context = by(user);
        api::CaptureRequest request;
        request.set_subject(subject);
        const auto reader = switch_stub_->Capture(context.get(), request);
        api::CapturePiece piece;
        EXPECT_FALSE(reader->Read(&piece));
        return reader->Finish();
    };
    const auto other = asked("vera", "press");
    const auto absent = asked("vera", "nothin");
    EXPECT_EQ(other.error_code(), Code::NOT_FOUND);
    EXPECT_EQ(absent.error_code(), Code::NOT_FOUND);
    for (const auto* user : {"otto", "aude"})
        EXPECT_EQ(asked(user, "robot-cell").error_code(), Code::FAILED_PRECONDITION) << user;
}

TEST(Answers, wait_in_a_bounded_number_of_bytes) {
    Answers answers;
    const std::string large(std::size_t{1024} * 1024, 'x');
    for (int count = 0; count < 4; ++count) EXPECT_TRUE(answers.put(large));
    EXPECT_FALSE(answers.put("x"));
    EXPECT_TRUE(answers.take(milliseconds(0)));
    EXPECT_TRUE(answers.put("x"));
}

TEST(Places, are_bounded_in_all_and_for_each) {
    Places places(3, 2);
    auto first = places.take("anna");
    const auto second = places.take("anna");
    EXPECT_TRUE(first && second);
    EXPECT_FALSE(places.take("anna"));
    const auto third = places.take("bert");
    EXPECT_TRUE(third);
    EXPECT_FALSE(places.take("carl"));
    first.reset();
    EXPECT_TRUE(places.take("carl"));
}

}  // namespace
}  // namespace bulkhead::console

// Captures over the API as the uplink calls it for a person at the console.
#include "partition-manager/daemon/switch_service.hpp"

#include <grpcpp/server_builder.h>
#include <unistd.h>

#include <mutex>
#include <thread>

#include "partition-manager/uplink/relay.hpp"
#include "tests/partition-manager/daemon/capture_scene.hpp"
#include "vnet/capture/piece.hpp"

namespace bulkhead::daemon {
namespace {

using vnet::capture::Piece;
using vnet::capture::receive_piece;
using vnet::capture::send_piece;

struct SwitchServiceTest : CaptureScene {
    void SetUp() override {
        grpc::ServerBuilder builder;
        builder.RegisterService(&service);
        server = builder.BuildAndStart();
    }
    void TearDown() override { server->Shutdown(std::chrono::system_clock::now()); }

    grpc::Status capture(const std::string& subject, const std::string& tenant) {
        grpc::ClientContext context;
        context.AddMetadata(uplink::actor_key, "user:vera");
        if (!tenant.empty()) context.AddMetadata(uplink::tenant_key, tenant);
        const auto stub = v1alpha1::Switch::NewStub(server->InProcessChannel({}));
        const auto reader = stub->Capture(&context, of(subject));
        v1alpha1::CapturePiece piece;
        while (reader->Read(&piece)) ended = piece.ended();
        return reader->Finish();
    }

    std::string order;
    std::string ended;
    std::vector<std::jthread> helpers;
    std::stop_source stopping;
    Captures captures{fake.sources(board, clock),
                      [this](int socket) -> Result<> {
                          helpers.emplace_back([this, own = Fd(::dup(socket))] {
                              order = receive_piece(own.get(), vnet::capture::longest_order).value()->bytes;
                              EXPECT_TRUE(send_piece(own.get(), {Piece::Kind::ended, 0, 0, "60 s"}));
                          });
                          return {};
                      },
                      stopping.get_token()};
    SwitchService service{fake.sources(board, clock), captures};
    std::unique_ptr<grpc::Server> server;
};

TEST_F(SwitchServiceTest, a_call_of_a_vendor_is_bound_to_its_tenant_and_the_consoles_quota) {
    ASSERT_TRUE(capture("readings", "acme").ok());
    EXPECT_EQ(ended, "60 s");
    EXPECT_NE(order.find("limits 60 1000 67108864\n"), std::string::npos) << order;
    EXPECT_NE(order.find(port("robot-cell")), std::string::npos) << order;
    EXPECT_EQ(order.find(port("it-admin")), std::string::npos) << order;
    EXPECT_EQ(fake.events.front().actor, "user:vera");
    EXPECT_EQ(fake.events.front().tenant.str(), "acme");
    EXPECT_EQ(capture("press", "acme").error_code(), grpc::StatusCode::NOT_FOUND);
    ASSERT_TRUE(capture("readings", "").ok());
    EXPECT_NE(order.find(port("it-admin")), std::string::npos) << order;
}

}  // namespace
}  // namespace bulkhead::daemon

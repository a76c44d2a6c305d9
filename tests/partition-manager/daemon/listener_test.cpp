// Who calls, by how the call came in.
#include "partition-manager/daemon/listener.hpp"

#include <grpcpp/create_channel.h>
#include <grpcpp/server_builder.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <thread>

#include "bulkhead/v1alpha1/control.grpc.pb.h"
#include "partition-manager/uplink/relay.hpp"
#include "tests/partition-manager/apply/folder.hpp"

namespace bulkhead::daemon {
namespace {

class Telling final : public v1alpha1::Control::Service {
  public:
    grpc::Status SetLock(grpc::ServerContext* context, const v1alpha1::SetLockRequest*,
                         v1alpha1::SetLockReply*) override {
        actor = actor_of(*context);
        return {};
    }
    std::string actor;
};

struct ListenerTest : testing::Test {
    void SetUp() override {
        grpc::ServerBuilder builder;
        builder.RegisterService(&service);
        server = builder.BuildAndStart();
    }
    void TearDown() override { server->Shutdown(std::chrono::system_clock::now()); }

    std::string actor_over(const std::shared_ptr<grpc::Channel>& channel, const std::string& said) {
        grpc::ClientContext context;
        context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
        if (!said.empty()) context.AddMetadata(uplink::actor_key, said);
        v1alpha1::SetLockReply reply;
        EXPECT_TRUE(v1alpha1::Control::NewStub(channel)->SetLock(&context, {}, &reply).ok());
        return service.actor;
    }

    Telling service;
    std::unique_ptr<grpc::Server> server;
};

TEST_F(ListenerTest, a_call_that_the_uplink_passes_on_has_the_persons_name) {
    EXPECT_EQ(actor_over(server->InProcessChannel({}), "user:jürgen"), "user:jürgen");
    EXPECT_EQ(actor_over(server->InProcessChannel({}), ""), "console");
}

TEST_F(ListenerTest, a_call_at_the_socket_has_the_kernels_word_and_no_other) {
    const apply::Folder folder;
    const auto loop = Loop::open().value();
    const auto path = folder / "control.sock";
    {
        const auto listener = Listener::open(*loop, *server, path);
        ASSERT_TRUE(listener) << listener.error().text();
        std::thread serving([&] { EXPECT_TRUE(loop->run()); });
        const auto channel = grpc::CreateChannel("unix:" + path.string(), grpc::InsecureChannelCredentials());
        EXPECT_EQ(actor_over(channel, "user:anna"), "uid:" + std::to_string(::geteuid()));
        loop->post([&] { loop->stop(); });
        serving.join();
    }
}

}  // namespace
}  // namespace bulkhead::daemon

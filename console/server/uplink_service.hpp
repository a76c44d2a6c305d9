// The gateways' lines over gRPC: one reactor for each, no thread of its own.
#pragma once

#include "bulkhead/v1alpha1/fleet.grpc.pb.h"
#include "console/server/gateway_line.hpp"

namespace bulkhead::console {

class UplinkService final : public api::GatewayLink::CallbackService {
  public:
    explicit UplinkService(const LineParts& parts) : parts_(parts) {}
    grpc::ServerBidiReactor<api::FromGateway, api::FromConsole>* Connect(
        grpc::CallbackServerContext* context) override;

  private:
    const LineParts parts_;
};

}  // namespace bulkhead::console

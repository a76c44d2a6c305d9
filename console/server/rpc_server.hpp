// The gRPC side: TLS 1.3 alone, with the console's own CA.
#pragma once

#include <memory>
#include <string>

#include "console/server/enrolment.hpp"
#include "console/server/fleet.hpp"
#include "console/server/gateway_line.hpp"

namespace bulkhead::console {

// TLS 1.2 is left without a cipher suite that anybody could use. gRPC reads this once for the whole process,
// so call it first of all, before there are threads.
void require_tls_1_3();

// A line is a descriptor, and a service begins with 1,024 of them, so the thousandth gateway or the web would
// be left outside. Raises that to what the administrator allows.
void take_all_descriptors();

class RpcServer {
  public:
    // `listen`: HOST:PORT; port 0 takes any.
    static Result<std::unique_ptr<RpcServer>> open(const std::string& listen, const Authority& authority,
                                                   Fleet& fleet, Enrolment& enrolment,
                                                   const LineParts& parts);
    ~RpcServer();
    int port() const;

  private:
    struct Services;
    explicit RpcServer(std::unique_ptr<Services> services);
    std::unique_ptr<Services> services_;
};

}  // namespace bulkhead::console

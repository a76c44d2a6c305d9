// Who stands at the ports of the switch, as people call them.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "model/resources.hpp"

namespace bulkhead::daemon {

struct End {
    std::string name;
    model::ZoneName zone;      // empty: of none
    model::TenantName tenant;  // empty: nobody's
};

class Ends {
  public:
    // The spec outlives this.
    explicit Ends(const model::Spec& spec);

    // A port that the spec does not know is called by its own name.
    End of(const model::PortName& port) const;
    const std::map<model::PortName, End>& all() const { return ends_; }

    // The ports of a partition, host, outside, zone or tenant: NAME, or KIND/NAME where names are alike.
    // Code::not_found, or Code::invalid if it could be several.
    Result<std::set<model::PortName>> called(const std::string& name) const;
    // The one port on an interface of its own over which a partition (PARTITION or PARTITION/ZONE), a host or
    // an interface by its name is reached. Errors as above.
    Result<model::PortName> interface_called(const std::string& name) const;

  private:
    std::map<std::string, std::set<model::PortName>> kinds_of(const std::string& name) const;  // by kind
    std::unexpected<Error> nobody(const std::string& name) const;
    std::vector<std::string> names() const;

    const model::Spec& spec_;
    std::map<model::PortName, End> ends_;
};

}  // namespace bulkhead::daemon

using ScaleKit.Admission;
using ScaleKit.Caching;
using ScaleKit.Migration;
using ScaleKit.RateLimiting;
using ScaleKit.Sharding;

namespace ChatRooms;

/// <summary>The five primitives' kill switches under one name each.</summary>
internal sealed class KillSwitches(AdmissionQueue admission, TwoLevelCache cache, PolicyRateLimiter limiter, ChatStores stores)
{
    public IReadOnlyDictionary<string, bool> Read() => new Dictionary<string, bool>(StringComparer.Ordinal)
    {
        ["Admission"] = admission.IsEnabled,
        ["Caching"] = cache.IsEnabled,
        ["RateLimiting"] = limiter.IsEnabled,
        ["Sharding"] = stores.Router.IsEnabled,
        ["Migration"] = stores.Ladder.IsEnabled,
    };

    public bool TrySet(string primitive, bool enabled)
    {
        switch (primitive)
        {
            case "Admission":
                admission.IsEnabled = enabled;
                return true;
            case "Caching":
                cache.IsEnabled = enabled;
                return true;
            case "RateLimiting":
                limiter.IsEnabled = enabled;
                return true;
            case "Sharding":
                stores.Router.IsEnabled = enabled;
                return true;
            case "Migration":
                stores.Ladder.IsEnabled = enabled;
                return true;
            default:
                return false;
        }
    }
}

using System.Threading.RateLimiting;

namespace ScaleKit.RateLimiting;

/// <summary>
/// Typed names of what a lease of this package tells besides <see cref="MetadataName.RetryAfter"/> (a <see cref="TimeSpan"/>, after a refusal only).
/// A lease that was let through by the kill switch tells the policy, its limit and its window.
/// </summary>
public static class RateLimitMetadata
{
    /// <summary>Name of the policy that decided.</summary>
    public static MetadataName<string> Policy { get; } = MetadataName.Create<string>("SCALEKIT_POLICY");

    /// <summary>Permits in any window.</summary>
    public static MetadataName<int> Limit { get; } = MetadataName.Create<int>("SCALEKIT_LIMIT");

    /// <summary>Length of the window.</summary>
    public static MetadataName<TimeSpan> Window { get; } = MetadataName.Create<TimeSpan>("SCALEKIT_WINDOW");

    /// <summary>Permits free right after the decision.</summary>
    public static MetadataName<int> Remaining { get; } = MetadataName.Create<int>("SCALEKIT_REMAINING");

    /// <summary>How long until all permits are free, from the decision on.</summary>
    public static MetadataName<TimeSpan> ResetAfter { get; } = MetadataName.Create<TimeSpan>("SCALEKIT_RESET_AFTER");
}

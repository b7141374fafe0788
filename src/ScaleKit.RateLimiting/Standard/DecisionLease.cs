using System.Threading.RateLimiting;

namespace ScaleKit.RateLimiting;

/// <summary>A decision as a lease. Holds nothing that is released: a permit of a window returns by time, not by disposal.</summary>
internal sealed class DecisionLease(RateLimitDecision decision) : RateLimitLease
{
    private static readonly string[] AcquiredNames =
        [RateLimitMetadata.Policy.Name, RateLimitMetadata.Limit.Name, RateLimitMetadata.Window.Name, RateLimitMetadata.Remaining.Name, RateLimitMetadata.ResetAfter.Name];

    private static readonly string[] RefusedNames = [MetadataName.RetryAfter.Name, .. AcquiredNames];
    private static readonly string[] UncountedNames = AcquiredNames[..3];

    public override bool IsAcquired => decision.IsAcquired;

    public override IEnumerable<string> MetadataNames => decision.Outcome switch
    {
        RateLimitOutcome.Acquired => AcquiredNames,
        RateLimitOutcome.WouldRefuse => AcquiredNames,
        RateLimitOutcome.Refused or RateLimitOutcome.Denied => RefusedNames,
        _ => UncountedNames,
    };

    public override bool TryGetMetadata(string metadataName, out object? metadata)
    {
        var counted = decision.Outcome is not (RateLimitOutcome.Bypassed or RateLimitOutcome.Undecided);
        metadata = metadataName switch
        {
            "RETRY_AFTER" when decision.Outcome is RateLimitOutcome.Refused or RateLimitOutcome.Denied => decision.RetryAfter,
            "SCALEKIT_POLICY" => decision.Policy,
            "SCALEKIT_LIMIT" => decision.Limit,
            "SCALEKIT_WINDOW" => decision.Window,
            "SCALEKIT_REMAINING" when counted => decision.Remaining,
            "SCALEKIT_RESET_AFTER" when counted => decision.ResetAfter,
            _ => null,
        };
        return metadata is not null;
    }
}

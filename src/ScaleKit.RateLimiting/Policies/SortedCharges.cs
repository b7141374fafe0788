using System.Runtime.InteropServices;

namespace ScaleKit.RateLimiting;

/// <summary>The charges of one call, by how they are answered. Usually all are enforced, and nothing is copied.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly struct SortedCharges
{
    public SortedCharges(KeyLists? lists, ReadOnlyMemory<RateLimitCharge> charges)
    {
        Enforced = charges;
        Shadows = [];
        if (lists is null && !HasShadow(charges.Span))
        {
            return;
        }

        var (enforced, shadows) = (new List<RateLimitCharge>(charges.Length), new List<RateLimitCharge>());
        foreach (ref readonly var charge in charges.Span)
        {
            if (lists?.TryDecide(charge.Key, charge.Policy, out var listed) == true)
            {
                Answer = Answer is { IsAcquired: false } ? Answer : listed;
            }
            else
            {
                (charge.Policy.IsShadow ? shadows : enforced).Add(charge);
            }
        }

        // An allowed key answers for the call only where no other charge is left.
        Answer = Answer is { IsAcquired: true } && enforced.Count + shadows.Count > 0 ? null : Answer;
        (Enforced, Shadows) = (enforced.ToArray(), shadows);
    }

    /// <summary>The answer of the lists alone.</summary>
    public RateLimitDecision? Answer { get; }

    /// <summary>To be taken all or none.</summary>
    public ReadOnlyMemory<RateLimitCharge> Enforced { get; }

    /// <summary>To be counted, each by itself, when the others were taken.</summary>
    public IReadOnlyList<RateLimitCharge> Shadows { get; }

    private static bool HasShadow(ReadOnlySpan<RateLimitCharge> charges)
    {
        foreach (ref readonly var charge in charges)
        {
            if (charge.Policy.IsShadow)
            {
                return true;
            }
        }

        return false;
    }
}

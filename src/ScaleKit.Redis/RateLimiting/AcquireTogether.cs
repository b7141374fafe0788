using System.Globalization;
using ScaleKit.RateLimiting;

namespace ScaleKit.Redis;

/// <summary>Several charges in one call of the script, all or none.</summary>
internal sealed class AcquireTogether(AcquireScript script, WindowKeys keys, TimeProvider time)
{
    public async ValueTask<RateLimitDecision> AcquireAsync(
        ReadOnlyMemory<RateLimitCharge> charges, Func<WindowKey, int> slotOf, CancellationToken cancellationToken)
    {
        var windows = new WindowKey[charges.Length];
        var names = new RedisName[charges.Length];
        var request = new AcquireRequest();
        for (var i = 0; i < windows.Length; i++)
        {
            var charge = charges.Span[i];
            windows[i] = keys.Get(charge.Policy, charge.Key);
            names[i] = windows[i].Name;
            request.Key(windows[i].Shape);
            request.Run(AcquireKind.Take, charge.Permits, callers: 1);
        }

        CheckSlots(windows, slotOf);
        var epochs = Array.ConvertAll(windows, static window => window.Epoch);
        if (TryRefuse(windows, charges.Span, out var refusal))
        {
            return refusal;
        }

        var sent = time.GetTimestamp();
        var reply = await script.RunAloneAsync(RedisKeys.Create(names), [request.ToBytes(), "all"], cancellationToken).ConfigureAwait(false);
        if (reply is null || Read(windows, epochs, charges.Span, reply, sent) is not { } decision)
        {
            script.Metrics.FellBack(1);
            return script.Fallback.Decide(windows, charges.Span);
        }

        script.Metrics.AnsweredByRedis(1);
        return decision;
    }

    private bool TryRefuse(WindowKey[] windows, ReadOnlySpan<RateLimitCharge> charges, out RateLimitDecision refusal)
    {
        refusal = default;
        var isRefused = false;
        for (var i = 0; i < windows.Length; i++)
        {
            if (windows[i].TryRefuse(charges[i].Permits, time, out var candidate) && (!isRefused || candidate.RetryAfter > refusal.RetryAfter))
            {
                (refusal, isRefused) = (candidate, true);
            }
        }

        return isRefused;
    }

    /// <returns>Null where a window is of another version: nothing was taken then.</returns>
    private RateLimitDecision? Read(WindowKey[] windows, int[] epochs, ReadOnlySpan<RateLimitCharge> charges, ReadOnlySpan<byte> bytes, long sent)
    {
        var received = time.GetTimestamp();
        var reply = new AcquireReply(bytes);
        RateLimitDecision? refused = null;
        RateLimitDecision? acquired = null;
        for (var i = 0; i < windows.Length; i++)
        {
            var (used, resetAfter, _) = reply.Key();
            var (served, retryAfter) = reply.Run();
            if (used == AcquireReply.Unknown)
            {
                script.FoundAnotherVersion();
                return null;
            }

            var (policy, permits) = (windows[i].Policy, charges[i].Permits);
            if (served == 0)
            {
                var remaining = (int)Math.Max(0, policy.Limit - used);
                if (refused is not { } former || retryAfter > former.RetryAfter)
                {
                    refused = RateLimitDecision.Refused(policy, remaining, retryAfter, resetAfter);
                }

                if (IsAlone(windows, i))
                {
                    windows[i].Deny(Denial.From(permits, epochs[i], sent, received, retryAfter, resetAfter, remaining, time));
                }
            }
            else if (acquired is not { } tightest || policy.Limit - used - permits < tightest.Remaining)
            {
                acquired = RateLimitDecision.Acquired(policy, (int)(policy.Limit - used - permits), resetAfter);
            }
        }

        return refused ?? acquired;
    }

    /// <summary>A charge beside another of the same window was refused because of that one too, which is no truth for later calls.</summary>
    private static bool IsAlone(WindowKey[] windows, int index)
    {
        for (var i = 0; i < windows.Length; i++)
        {
            if (i != index && windows[i].Name.Key.Equals(windows[index].Name.Key))
            {
                return false;
            }
        }

        return true;
    }

    private static void CheckSlots(WindowKey[] windows, Func<WindowKey, int> slotOf)
    {
        var slot = slotOf(windows[0]);
        for (var i = 1; i < windows.Length; i++)
        {
            if (slotOf(windows[i]) is var other && other != slot)
            {
                throw new InvalidOperationException(string.Create(
                    CultureInfo.InvariantCulture,
                    $"The charges of policies '{windows[0].Policy.Name}' and '{windows[i].Policy.Name}' are for different keys, which this Redis Cluster keeps in different hash slots ({slot} and {other}). Give such keys a common part in braces, for example {{acme}}ann and {{acme}}: all of them then lie in one slot and are charged together."));
            }
        }
    }
}

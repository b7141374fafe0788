using System.Collections.Concurrent;

namespace ScaleKit.RateLimiting;

/// <summary>The lines of a <see cref="PolicyRateLimiter"/>: one for each policy and key that somebody waits for, and none else. Thread-safe.</summary>
internal sealed class WaitingLines(PolicyRateLimiter limiter, TimeProvider time)
{
    private readonly ConcurrentDictionary<(string Policy, string Key), WaitingLine> _lines = new();

    /// <summary>Calls that wait. Reads every line.</summary>
    public int Waiting => _lines.Sum(static line => line.Value.Count);

    public WaitingLine? Find(RateLimitPolicy policy, string key) => !_lines.IsEmpty && _lines.TryGetValue((policy.Name, key), out var line) ? line : null;

    /// <summary>Waits until the permits are taken; refused where the line is full.</summary>
    public async ValueTask<RateLimitDecision> AcquireAsync(RateLimitCharge charge, CancellationToken cancellationToken)
    {
        while (true)
        {
            var line = Find(charge.Policy, charge.Key);
            if (line is null)
            {
                var decision = await limiter.DecideAsync(charge, cancellationToken).ConfigureAwait(false);
                if (decision.Outcome != RateLimitOutcome.Refused || charge.Permits > charge.Policy.QueueLimit)
                {
                    return decision;
                }

                line = _lines.GetOrAdd(
                    (charge.Policy.Name, charge.Key),
                    static (id, made) => new WaitingLine(new Source(made.Lines, id), made.Refusal, made.Time),
                    (Lines: this, Refusal: decision, Time: time));
            }

            // Closed lines have left the dictionary: the next look finds another or none.
            if (line.TryJoin(charge.Permits, charge.Policy.QueueLimit, cancellationToken, out var answer))
            {
                return await (answer.IsCompleted || !RateLimitingActivities.AreHeard ? answer : RateLimitingActivities.WaitAsync(charge.Policy.Name, answer)).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Other limits are in force: all that wait ask again.</summary>
    public void NudgeAll()
    {
        foreach (var (_, line) in _lines)
        {
            line.Nudge();
        }
    }

    public void FailAll(Func<Exception> exception)
    {
        foreach (var (_, line) in _lines)
        {
            line.Fail(exception);
        }
    }

    /// <summary>The policy by its name: a reload while somebody waits applies to him too.</summary>
    private sealed class Source(WaitingLines lines, (string Policy, string Key) id) : IWaitingSource
    {
        public ValueTask<RateLimitDecision> DecideAsync(int permits) => lines.Limiter.DecideAsync(id.Policy, id.Key, permits);

        public async ValueTask ReturnAsync(int permits) => await lines.Limiter.SettleAsync(id.Policy, id.Key, permits, 0).ConfigureAwait(false);

        public void Closed(WaitingLine line) => lines._lines.TryRemove(KeyValuePair.Create(id, line));
    }

    private PolicyRateLimiter Limiter => limiter;
}

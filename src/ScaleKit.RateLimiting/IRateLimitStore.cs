namespace ScaleKit.RateLimiting;

/// <summary>
/// Where the counts of a <see cref="PolicyRateLimiter"/> live. What every implementation keeps, whatever the clocks of its callers:
/// never more than <see cref="RateLimitPolicy.Limit"/> permits of one (policy name, key) in any window; each permit back at most
/// <see cref="RateLimitPolicy.Window"/> / <see cref="RateLimitPolicy.Buckets"/> late; a refusal takes nothing; the limit that applies is the one in the charge,
/// so a changed policy counts on from where the former stood. Thread-safe.
/// </summary>
public interface IRateLimitStore
{
    /// <summary>
    /// Answers from what is known in this process, at once and without I/O. <see cref="RateLimitOutcome.Undecided"/> where that is not enough.
    /// </summary>
    /// <exception cref="ArgumentException"><paramref name="charge"/> is the default value.</exception>
    RateLimitDecision AttemptAcquire(in RateLimitCharge charge);

    /// <summary>Takes the permits or refuses; never <see cref="RateLimitOutcome.Undecided"/>.</summary>
    /// <exception cref="ArgumentException"><paramref name="charge"/> is the default value.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled; whether the permits were taken is then unknown.</exception>
    ValueTask<RateLimitDecision> AcquireAsync(RateLimitCharge charge, CancellationToken cancellationToken = default);

    /// <summary>
    /// Takes the permits of all charges or of none. Acquired: the decision of the charge with the fewest permits left. Refused: that of the one to wait longest for.
    /// </summary>
    /// <param name="charges">1 to 16 charges. Two charges of one policy and key count as their sum.</param>
    /// <param name="cancellationToken">Ends the wait for the store.</param>
    /// <exception cref="ArgumentException">There is no charge, or one is the default value.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There are more than 16.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled; whether the permits were taken is then unknown.</exception>
    ValueTask<RateLimitDecision> AcquireAllAsync(ReadOnlyMemory<RateLimitCharge> charges, CancellationToken cancellationToken = default);

    /// <summary>
    /// Corrects what a call took by what it really cost. Fewer permits: the difference is free again, the oldest that count first, so that no window ever holds more
    /// than the limit of what was used. More: they are taken also beyond the limit, up to twice the limit, so that later calls pay for them. An actual cost of 0 is
    /// a refund. Call it within one window of the call that it corrects: later its permits have left, and those of other calls would be given back.
    /// </summary>
    /// <param name="charge">What an acquired call took.</param>
    /// <param name="actual">What it should have taken, 0 or more.</param>
    /// <param name="cancellationToken">Ends the wait for the store.</param>
    /// <returns>False when a store over a network was of no use; nothing is corrected then.</returns>
    /// <exception cref="ArgumentException"><paramref name="charge"/> is the default value.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="actual"/> is negative.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    ValueTask<bool> SettleAsync(RateLimitCharge charge, int actual, CancellationToken cancellationToken = default);
}

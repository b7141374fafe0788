namespace ScaleKit.RateLimiting;

/// <summary>What the calls of a <see cref="WaitingLine"/> wait for.</summary>
internal interface IWaitingSource
{
    /// <summary>Takes permits or refuses, without regard to the line.</summary>
    ValueTask<RateLimitDecision> DecideAsync(int permits);

    /// <summary>Gives permits back that were taken for a call that no longer waits.</summary>
    ValueTask ReturnAsync(int permits);

    /// <summary>The line is empty and is not used again. Called under its lock.</summary>
    void Closed(WaitingLine line);
}

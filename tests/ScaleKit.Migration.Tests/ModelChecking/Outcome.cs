namespace ScaleKit.Migration.Tests.ModelChecking;

/// <summary>An operation has ended in a process.</summary>
/// <param name="Actor">The place of its actor in the process.</param>
/// <param name="Op">What it was.</param>
/// <param name="Phase">The phase of the process then.</param>
/// <param name="Answer">What it answered.</param>
/// <param name="Failure">Why it failed, if it did.</param>
internal sealed record Outcome(int Actor, Op Op, MigrationPhase Phase, long Answer, Exception? Failure)
{
    /// <summary>A failure that a user of the repository has to expect.</summary>
    public bool IsExpected => Failure is null or IOException or TimeoutException or MirrorUnavailableException or MigrationStateException or StoreFencedException;
}

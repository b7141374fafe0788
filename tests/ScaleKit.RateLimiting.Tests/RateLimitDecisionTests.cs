namespace ScaleKit.RateLimiting.Tests;

public sealed class RateLimitDecisionTests
{
    private static readonly RateLimitPolicy Policy = new("p", 9, TimeSpan.FromSeconds(30));

    [Fact]
    public void Default_Value_IsARefusalThatNamesNothing()
    {
        var decision = default(RateLimitDecision);
        Assert.False(decision.IsAcquired);
        Assert.Equal((RateLimitOutcome.Refused, "", 0, TimeSpan.Zero), (decision.Outcome, decision.Policy, decision.Limit, decision.Window));
    }

    [Theory]
    [InlineData(RateLimitOutcome.Acquired, true)]
    [InlineData(RateLimitOutcome.Bypassed, true)]
    [InlineData(RateLimitOutcome.Refused, false)]
    [InlineData(RateLimitOutcome.Undecided, false)]
    public void IsAcquired_EachOutcome_OnlyWhereTheCallerMayGoOn(RateLimitOutcome outcome, bool acquired)
    {
        var decision = outcome switch
        {
            RateLimitOutcome.Acquired => RateLimitDecision.Acquired(Policy, 4, TimeSpan.FromSeconds(1)),
            RateLimitOutcome.Bypassed => RateLimitDecision.Bypassed(Policy),
            RateLimitOutcome.Refused => RateLimitDecision.Refused(Policy, 0, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2)),
            _ => RateLimitDecision.Undecided(Policy),
        };

        Assert.Equal((outcome, acquired, "p", 9, Policy.Window), (decision.Outcome, decision.IsAcquired, decision.Policy, decision.Limit, decision.Window));
    }

    [Fact]
    public void Factories_WithoutPolicy_Throw()
    {
        Assert.Throws<ArgumentNullException>(() => RateLimitDecision.Bypassed(null!));
        Assert.Throws<ArgumentNullException>(() => RateLimitDecision.Acquired(null!, 0, TimeSpan.Zero));
    }
}

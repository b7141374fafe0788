using ScaleKit.TestKit;

namespace ScaleKit.Redis.Tests.Connection;

public sealed class TimeLimitTests
{
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(1);
    private readonly ManualTimeProvider _clock = new();

    [Fact]
    public void Sweep_CallsBeginAtAnyTime_EachEndsWithinItsLastTwentieth()
    {
        using var calls = new TimeLimit(CallTimeout, _clock);
        var begun = new List<(SilentCall Call, TimeSpan At)>();
        var ended = new Dictionary<SilentCall, TimeSpan>();

        var now = TimeSpan.Zero;
        for (var i = 0; i < 3_000; i++)
        {
            // Seven milliseconds apart: at every phase of the beat.
            if (i % 7 == 0 && i < 2_000)
            {
                begun.Add((SilentCall.Begin(calls), now));
            }

            _clock.Advance(TimeSpan.FromMilliseconds(1));
            now += TimeSpan.FromMilliseconds(1);
            foreach (var (call, _) in begun.Where(call => call.Call.Expired))
            {
                ended.TryAdd(call, now);
            }
        }

        Assert.Equal(begun.Count, ended.Count);
        Assert.All(begun, call => Assert.InRange(ended[call.Call] - call.At, CallTimeout * 0.95, CallTimeout));
    }

    [Fact]
    public void Timer_CallsComeAndGo_BeatsOnlyWhileThereAreSome()
    {
        using var calls = new TimeLimit(CallTimeout, _clock);
        Assert.Equal(0, _clock.ArmedTimers);

        var (one, other) = (SilentCall.Begin(calls), SilentCall.Begin(calls));
        Assert.Equal(1, _clock.ArmedTimers);
        calls.Remove(one);
        _clock.Advance(CallTimeout / 2);
        Assert.Equal(1, _clock.ArmedTimers);
        calls.Remove(other);
        _clock.Advance(CallTimeout / TimeLimit.Beats);
        Assert.Equal(0, _clock.ArmedTimers);

        var late = SilentCall.Begin(calls);
        _clock.Advance(CallTimeout);
        Assert.True(late.Expired);
    }

    [Fact]
    public void Dispose_CallUnderWay_StillEndsInTime()
    {
        var calls = new TimeLimit(CallTimeout, _clock);
        var call = SilentCall.Begin(calls);

        calls.Dispose();
        _clock.Advance(CallTimeout);

        Assert.True(call.Expired);
        calls.Remove(call);
        _clock.Advance(CallTimeout);
        Assert.Equal(0, _clock.ArmedTimers);
    }

    [Fact]
    public void Remove_InAnyOrder_LeavesTheOthers()
    {
        using var calls = new TimeLimit(CallTimeout, _clock);
        var random = new Random(1);
        var under = new List<SilentCall>();
        for (var i = 0; i < 2_000; i++)
        {
            if (under.Count == 0 || random.Next(2) == 0)
            {
                under.Add(SilentCall.Begin(calls));
            }
            else
            {
                var call = under[random.Next(under.Count)];
                calls.Remove(call);
                under.Remove(call);
            }

            Assert.Equal(under.Count, calls.Count);
        }

        _clock.Advance(CallTimeout);
        Assert.All(under, call => Assert.True(call.Expired));
    }

    /// <summary>A call that never gets an answer.</summary>
    private sealed class SilentCall : CallUnderWay
    {
        public bool Expired => IsExpired;

        public static SilentCall Begin(TimeLimit calls)
        {
            var call = new SilentCall();
            calls.Add(call);
            call.Waits(new TaskCompletionSource().Task);
            return call;
        }

        public override void Execute()
        {
        }
    }
}

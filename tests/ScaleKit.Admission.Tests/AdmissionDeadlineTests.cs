using FsCheck;
using FsCheck.Fluent;

namespace ScaleKit.Admission.Tests;

public sealed class AdmissionDeadlineTests
{
    [Fact]
    public async Task Deadline_Passed_RefusesAndTheNextMovesUp()
    {
        using var crowd = new Crowd(room: 1);
        var lease = crowd.Sit("a");
        var hasty = crowd.Wait("a", TimeSpan.FromSeconds(2));
        var patient = crowd.Wait("a", TimeSpan.FromSeconds(20));

        crowd.Clock.Advance(TimeSpan.FromSeconds(2));

        var result = await hasty.Completion;
        Assert.Equal((AdmissionRefusal.DeadlineExceeded, AdmissionCap.Room), (result.Refusal, result.BindingCap));
        Assert.NotNull(result.RetryAfter);
        Assert.Equal(1, patient.Position);
        await lease.DisposeAsync();
        Assert.True(Crowd.Done(patient).IsAdmitted);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(49)]
    [InlineData(50)]
    [InlineData(51)]
    [InlineData(1_000)]
    [InlineData(51_199)]
    [InlineData(51_200)]
    [InlineData(51_250)]
    [InlineData(200_000)]
    [InlineData(604_800_000)]
    public void Deadline_AnyLength_IsNeverEarlyAndAtMostOneTickLate(int milliseconds)
    {
        using var crowd = new Crowd(room: 1);
        _ = crowd.Sit("a");
        crowd.Clock.Advance(TimeSpan.FromMilliseconds(1_234_567));
        var ticket = crowd.Wait("a", TimeSpan.FromMilliseconds(milliseconds));

        crowd.Clock.Advance(TimeSpan.FromMilliseconds(milliseconds) - TimeSpan.FromTicks(1));
        Assert.False(ticket.Completion.IsCompleted);
        crowd.Clock.Advance(DeadlineWheel.Tick + TimeSpan.FromTicks(1));

        Assert.True(ticket.Completion.IsCompleted);
        Assert.Equal((0, 0), (crowd.Queue.Holdings.Deadlines, crowd.Clock.ArmedTimers));
    }

    /// <summary>Most of a line shares one alarm, the hurried have their own: whoever stands before them, and whoever of those leaves, each is told in time.</summary>
    [Fact]
    public void Deadline_AnyMixtureInOneLine_IsNeverEarlyAndAtMostOneTickLate()
    {
        var steps = Gen.Choose(0, 0xFFFF).ArrayOf(80);
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(300), Prop.ForAll(Arb.From(steps), Mixture));

        static bool Mixture(int[] steps)
        {
            using var crowd = new Crowd(room: 1);
            var held = crowd.Sit("a");
            var line = new List<(AdmissionTicket Ticket, TimeSpan Due)>();
            var now = TimeSpan.Zero;
            foreach (var step in steps)
            {
                var amount = step / 8;
                switch (step % 8)
                {
                    case < 4:
                        var deadline = amount % 5 == 0 ? Timeout.InfiniteTimeSpan : TimeSpan.FromMilliseconds(1 + (amount % 300));
                        line.Add((crowd.Wait("a", deadline), deadline == Timeout.InfiniteTimeSpan ? TimeSpan.MaxValue : now + deadline));
                        break;
                    case 4 when line.Count > 0:
                        line[amount % line.Count].Ticket.Waiter!.Leave();
                        line.RemoveAt(amount % line.Count);
                        break;
                    case 5 when line.Count > 0:
                        _ = held.DisposeAsync();
                        held = Crowd.Done(line[0].Ticket).Lease!;
                        line.RemoveAt(0);
                        break;
                    default:
                        now += TimeSpan.FromMilliseconds(amount % 60);
                        crowd.Clock.Advance(TimeSpan.FromMilliseconds(amount % 60));
                        break;
                }

                Assert.All(line, visitor => Assert.False(visitor.Ticket.Completion.IsCompleted && visitor.Due > now));
                Assert.All(line, visitor => Assert.False(!visitor.Ticket.Completion.IsCompleted && visitor.Due <= now - DeadlineWheel.Tick));
                _ = line.RemoveAll(visitor => visitor.Ticket.Completion.IsCompleted);
            }

            line.ForEach(visitor => visitor.Ticket.Waiter!.Leave());
            return crowd.Queue.Holdings is { Linked: 0, Deadlines: 0 };
        }
    }

    [Fact]
    public async Task Deadline_OfTheOptions_AppliesWhereTheRequestNamesNone()
    {
        using var crowd = new Crowd(room: 1, configure: options => options.DefaultDeadline = TimeSpan.FromSeconds(3));
        _ = crowd.Sit("a");
        var limited = crowd.Wait("a");
        var endless = crowd.Wait("a", Timeout.InfiniteTimeSpan);

        crowd.Clock.Advance(TimeSpan.FromDays(1));

        Assert.Equal(AdmissionRefusal.DeadlineExceeded, Crowd.Done(limited).Refusal);
        Assert.Equal(1, endless.Position);
    }

    [Fact]
    public async Task Deadline_Zero_NeverWaits()
    {
        using var crowd = new Crowd(room: 1);
        var request = new AdmissionRequest("a") { Deadline = TimeSpan.Zero };

        Assert.True((await crowd.Queue.AdmitAsync(request)).IsAdmitted);
        Assert.Equal(AdmissionRefusal.NoSeat, (await crowd.Queue.AdmitAsync(request)).Refusal);
    }

    [Theory]
    [InlineData(-2)]
    [InlineData(604_800_001)]
    public async Task Deadline_OutOfRange_IsRefusedAtOnce(int milliseconds)
    {
        using var crowd = new Crowd();
        var request = new AdmissionRequest("a") { Deadline = TimeSpan.FromMilliseconds(milliseconds) };

        var exception = await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await crowd.Queue.AdmitAsync(request));
        Assert.Contains("Deadline", exception.Message, StringComparison.Ordinal);
        Assert.Equal(0, crowd.Queue.GetSnapshot().Seats);
    }

    [Fact]
    public void Deadline_ManyWaiters_ShareOneTimer()
    {
        using var crowd = new Crowd(room: 1);
        _ = crowd.Sit("a");
        var tickets = Enumerable.Range(1, 500).Select(index => crowd.Wait("a", TimeSpan.FromMilliseconds(index * 173))).ToArray();
        Assert.Equal(1, crowd.Clock.ArmedTimers);

        for (var second = 1; second <= 86; second++)
        {
            crowd.Clock.Advance(TimeSpan.FromSeconds(1));
            var due = tickets.Count(ticket => ticket.Completion.IsCompleted);
            Assert.InRange(due, ((second * 1000) - 50) / 173, second * 1000 / 173);
        }

        crowd.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal((0, 0, 0), (crowd.Clock.ArmedTimers, crowd.Queue.Holdings.Linked, crowd.Queue.Holdings.Deadlines));
    }
}

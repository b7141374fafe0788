namespace ScaleKit.Admission.Tests;

/// <summary>
/// As <see cref="AdmissionScheduleTests"/>, for what those leave out: every order of arrivals of three classes, releases, leaves, deadlines and longest holds in one
/// room with one seat. After each step the same visitor sits, and the same ones wait in the same order, as by the rules written down plainly.
/// </summary>
public sealed class AdmissionClassScheduleTests
{
    private const int Hold = 2;

    private enum Step
    {
        EnterNormal, EnterHigh, EnterLow, Release, CancelOldest, Tick,
    }

    [Theory]
    [InlineData(1, 7)]
    [InlineData(2, 7)]
    public void AnyOrderOfSteps_ThreeClassesDeadlinesAndHolds_SeatsWhomTheRulesSay(int burst, int depth)
    {
        var alphabet = Enum.GetValues<Step>();
        var schedule = new Step[depth];
        for (var code = 0; code < Math.Pow(alphabet.Length, depth - 1); code++)
        {
            var rest = code;
            for (var i = depth - 1; i > 0; i--)
            {
                (rest, var step) = Math.DivRem(rest, alphabet.Length);
                schedule[i] = alphabet[step];
            }

            schedule[0] = Step.EnterNormal;
            Run(schedule, burst);
        }
    }

    private static void Run(Step[] schedule, int burst)
    {
        // A whole number of the wheel's ticks, so that what is due at a step is told in it.
        var unit = 64 * DeadlineWheel.Tick;
        using var crowd = new Crowd(room: 1, configure: options => (options.PriorityBurst, options.MaximumHold) = (burst, Hold * unit));
        var rules = new Rules(burst);
        var tickets = new List<AdmissionTicket>();
        foreach (var step in schedule)
        {
            switch (step)
            {
                case Step.EnterNormal or Step.EnterHigh or Step.EnterLow:
                    var priority = step switch { Step.EnterHigh => AdmissionPriority.High, Step.EnterLow => AdmissionPriority.Low, _ => AdmissionPriority.Normal };
                    var patience = 1 + (tickets.Count % 3);
                    rules.Enter(tickets.Count, priority, patience);
                    tickets.Add(crowd.Queue.Enter(new AdmissionRequest("a") { Priority = priority, Deadline = patience * unit }));
                    break;
                case Step.Release when rules.Seated is { } holder:
                    rules.Release();
                    _ = tickets[holder].Completion.Result.Lease!.DisposeAsync();
                    break;
                case Step.CancelOldest when rules.Line.Count > 0:
                    tickets[rules.CancelOldest()].Waiter!.Leave();
                    break;
                case Step.Tick:
                    rules.Tick();
                    crowd.Clock.Advance(unit);
                    break;
                default:
                    break;
            }

            if (Wrong(crowd, rules, tickets) is { } wrong)
            {
                Assert.Fail($"{wrong} after {step} in [{string.Join(", ", schedule)}]");
            }
        }
    }

    private static string? Wrong(Crowd crowd, Rules rules, List<AdmissionTicket> tickets)
    {
        int? seated = null;
        for (var id = 0; id < tickets.Count; id++)
        {
            if (tickets[id].Completion is { IsCompleted: true, Result.Lease.IsReleased: false })
            {
                if (seated is not null)
                {
                    return "Two sit on one seat";
                }

                seated = id;
            }

            if (tickets[id].Position != rules.PlaceOf(id))
            {
                return $"Number {id} stands at {tickets[id].Position} and not at {rules.PlaceOf(id)}";
            }
        }

        return seated != rules.Seated ? $"Number {seated} sits and not {rules.Seated}"
            : crowd.Queue.Holdings.Linked != rules.Line.Count ? "Somebody was left in the line"
            : null;
    }

    /// <summary>The rules of one seat, without any cleverness.</summary>
    private sealed class Rules(int burst)
    {
        private int _now;
        private int _heldUntil;
        private int _passes;

        public int? Seated { get; private set; }

        /// <summary>By arrival.</summary>
        public List<(int Id, AdmissionPriority Priority, int Due)> Line { get; } = [];

        public void Enter(int id, AdmissionPriority priority, int patience)
        {
            if (Seated is null)
            {
                Sit(id);
            }
            else
            {
                Line.Add((id, priority, _now + patience));
            }
        }

        public int CancelOldest()
        {
            var oldest = Line[0].Id;
            Line.RemoveAt(0);
            return oldest;
        }

        public void Tick()
        {
            _now++;
            _ = Line.RemoveAll(visitor => visitor.Due <= _now);
            if (Seated is not null && _heldUntil <= _now)
            {
                Release();
            }
        }

        public void Release()
        {
            Seated = null;
            if (Line.Count == 0)
            {
                return;
            }

            var highest = Line.Max(visitor => visitor.Priority);
            var lower = Line.FindIndex(visitor => visitor.Priority < highest);
            var next = _passes >= burst && lower >= 0 ? Line[lower] : Line.Find(visitor => visitor.Priority == highest);
            _passes = next.Priority == highest && lower >= 0 ? _passes + 1 : 0;
            _ = Line.Remove(next);
            Sit(next.Id);
        }

        public int? PlaceOf(int id)
        {
            var before = Line.OrderByDescending(visitor => visitor.Priority).Select(visitor => visitor.Id).ToList().IndexOf(id);
            return before < 0 ? null : before + 1;
        }

        private void Sit(int id) => (Seated, _heldUntil) = (id, _now + Hold);
    }
}

using FsCheck;
using FsCheck.Fluent;

namespace ScaleKit.Admission.Tests;

/// <summary>Long random histories against <see cref="ReferenceQueue"/>: the same visitors are seated in the same order, and the same ones wait.</summary>
public sealed class AdmissionModelTests
{
    [Fact]
    public void AnyHistory_AgainstTheNaiveReference_SeatsTheSameVisitorsInTheSameOrder()
    {
        var steps = Gen.Choose(0, 0xFFFF).ArrayOf(120);
        var caps = Gen.Choose(1, 3).Three();
        var histories = Arb.From(caps.SelectMany(cap => steps.Select(history => (cap, history))));

        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(250),
            Prop.ForAll(histories, world => Follows(world.cap.Item1, world.cap.Item2, world.cap.Item3 * 2, world.history)));
    }

    private static bool Follows(int room, int rooms, int total, int[] history)
    {
        var weights = new Dictionary<string, int>(StringComparer.Ordinal) { ["a"] = 3, ["b"] = 2 };
        using var crowd = new Crowd(room, rooms, total, options => (options.RoomWeights["a"], options.RoomWeights["b"]) = (weights["a"], weights["b"]));
        var reference = new ReferenceQueue(room, rooms, total, weights);
        var gone = new List<(int Id, string Room, string Token)>();
        var waiting = new List<(int Id, AdmissionTicket Ticket)>();
        var seated = new List<AdmissionLease>();
        for (var id = 0; id < history.Length; id++)
        {
            Step(crowd.Queue, reference, history[id], id, waiting, seated, gone);
            var granted = waiting.Where(visitor => visitor.Ticket.Completion is { IsCompleted: true, Result.IsAdmitted: true }).ToArray();

            // The queue tells nobody in which order it seated several in one step; the order within a room and the set are visible.
            var expected = reference.Grants.Select(grant => waiting.Find(visitor => visitor.Id == grant)).ToArray();
            Assert.Equal(expected.Select(visitor => visitor.Id).Order(), granted.Select(visitor => visitor.Id).Order());
            reference.Grants.Clear();
            seated.AddRange(expected.Select(visitor => visitor.Ticket.Completion.Result.Lease!));
            _ = waiting.RemoveAll(visitor => visitor.Ticket.Completion.IsCompleted);

            Assert.Equal(reference.Line.Select(visitor => visitor.Id), waiting.Select(visitor => visitor.Id).Order());
            Assert.Equal((reference.Seats, reference.Line.Count), (crowd.Queue.GetSnapshot().Seats, crowd.Queue.Holdings.Linked));
        }

        return true;
    }

    private static void Step(
        AdmissionQueue queue,
        ReferenceQueue reference,
        int code,
        int id,
        List<(int Id, AdmissionTicket Ticket)> waiting,
        List<AdmissionLease> seated,
        List<(int Id, string Room, string Token)> gone)
    {
        var (choice, rest) = (code % 16, code / 16);
        switch (choice)
        {
            case 6 when gone.Count > 0:
                var (number, place, token) = gone[rest % gone.Count];
                gone.RemoveAt(rest % gone.Count);
                waiting.Add((number, queue.Enter(new AdmissionRequest(place, "visitor") { ResumeToken = token })));
                reference.Enter(place, number);
                break;
            case < 7:
                var name = "abcdef"[rest % 6].ToString();
                waiting.Add((id, queue.Enter(new AdmissionRequest(name, "visitor"))));
                reference.Enter(name, id);
                break;
            case < 12 when seated.Count > 0:
                var lease = seated[rest % seated.Count];
                _ = seated.Remove(lease);
                _ = lease.DisposeAsync();
                reference.Release(lease.Room);
                break;
            case < 15 when waiting.Count > 0:
                var (leaving, ticket) = waiting[rest % waiting.Count];
                gone.Add((leaving, ticket.Room, ticket.CreateResumeToken()!));
                ticket.Waiter!.Leave();
                reference.Leave(leaving);
                break;
            case 15:
                // Only the total: the reference would need the real turns of all rooms to follow a change of the others.
                reference.TotalCapacity = 1 + (rest % 7);
                queue.Resize(totalCapacity: reference.TotalCapacity);
                reference.Serve();
                break;
            default:
                break;
        }
    }
}

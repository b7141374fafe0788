using ScaleKit.TestKit;

namespace ScaleKit.Admission.Tests;

/// <summary>A queue on a manual clock with short ways to say what a test does.</summary>
internal sealed class Crowd : IDisposable
{
    private readonly List<AdmissionLease> _held = [];

    public Crowd(int room = 8, int rooms = 100, int total = 800, Action<AdmissionOptions>? configure = null)
    {
        var options = new AdmissionOptions { RoomCapacity = room, ActiveRooms = rooms, TotalCapacity = total };
        configure?.Invoke(options);
        Clock = new ManualTimeProvider();
        Queue = new AdmissionQueue(options, Clock);
    }

    public ManualTimeProvider Clock { get; }

    public AdmissionQueue Queue { get; }

    public AdmissionLease Sit(string room, string? clientId = null)
    {
        var result = Queue.TryAdmit(room, clientId);
        Assert.True(result.IsAdmitted, $"{room}: {result.Refusal}, {result.BindingCap}");

        // A lease that nobody holds is found and its seat freed.
        _held.Add(result.Lease);
        return result.Lease;
    }

    public AdmissionTicket Wait(string room, TimeSpan? deadline = null)
    {
        var ticket = Queue.Enter(new AdmissionRequest(room) { Deadline = deadline });
        Assert.False(ticket.Completion.IsCompleted);
        return ticket;
    }

    /// <summary>The answer of one who must have it by now: awaiting it would hang where it never comes.</summary>
    public static AdmissionResult Done(AdmissionTicket ticket)
    {
        Assert.True(ticket.Completion.IsCompleted, $"{ticket.Room}: nobody has answered.");
        return ticket.Completion.Result;
    }

    /// <summary>The answer to a request that must not have to wait.</summary>
    public AdmissionResult Answer(string room)
    {
        var completion = Queue.Enter(new AdmissionRequest(room)).Completion;
        Assert.True(completion.IsCompleted);
        return completion.Result;
    }

    public void Dispose() => Queue.Dispose();
}

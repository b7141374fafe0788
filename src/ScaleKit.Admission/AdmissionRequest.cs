using System.Runtime.InteropServices;

namespace ScaleKit.Admission;

/// <summary>Who wants a seat, where, and how long the visitor is ready to wait. Immutable.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly struct AdmissionRequest
{
    /// <summary>Asks for a seat in <paramref name="room"/>. The values are checked when the request is handed to a queue.</summary>
    /// <param name="room">The room: 1 to <see cref="AdmissionOptions.MaximumNameLength"/> UTF-16 units, no control characters, no lone surrogates. Compared ordinally.</param>
    /// <param name="clientId">The visitor, under the same rules as the room; <see langword="null"/> for a nameless one. The same id may hold several seats.</param>
    public AdmissionRequest(string room, string? clientId = null)
    {
        Room = room;
        ClientId = clientId;
    }

    /// <summary>The room in which a seat is wanted.</summary>
    public string Room { get; }

    /// <summary>The visitor, or <see langword="null"/> for a nameless one.</summary>
    public string? ClientId { get; }

    /// <summary>The longest wait, counted from the moment of entering.</summary>
    /// <value>
    /// <see langword="null"/> (the default) takes <see cref="AdmissionOptions.DefaultDeadline"/>; <see cref="TimeSpan.Zero"/> never waits;
    /// <see cref="Timeout.InfiniteTimeSpan"/> waits without end; otherwise up to seven days. A deadline is kept to within 50 ms, never early.
    /// </value>
    public TimeSpan? Deadline { get; init; }

    /// <summary>Whether this visitor goes before others of the same room; see <see cref="AdmissionOptions.PriorityBurst"/>.</summary>
    /// <value><see cref="AdmissionPriority.Normal"/>.</value>
    public AdmissionPriority Priority { get; init; }

    /// <summary>
    /// What <see cref="AdmissionTicket.CreateResumeToken"/> gave to the same client for the same room: the visitor gets its place back. One that is not good, or not
    /// good any more, is no error: then the visitor is a newcomer.
    /// </summary>
    /// <value><see langword="null"/>.</value>
    public string? ResumeToken { get; init; }

    /// <summary>Anything the application wants to find again on the ticket and on the lease, such as an install id or a nickname. Never read here.</summary>
    public object? Data { get; init; }
}

using System.Runtime.InteropServices;

namespace ScaleKit.Admission;

/// <summary>The answer to a request for a seat: a lease, or a refusal with its reason. Immutable.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly struct AdmissionResult
{
    // Small, because it travels by value through every task: the hint in ticks, 0 standing for none.
    private readonly long _retryAfter;
    private readonly object? _leaseOrHint;
    private readonly int _position;
    private readonly byte _refusal;
    private readonly byte _bindingCap;

    private AdmissionResult(object? leaseOrHint, AdmissionRefusal refusal, AdmissionCap bindingCap, int position, TimeSpan? retryAfter)
    {
        _leaseOrHint = leaseOrHint;
        _position = position;
        _refusal = (byte)refusal;
        _bindingCap = (byte)bindingCap;
        _retryAfter = retryAfter.GetValueOrDefault().Ticks;
    }

    /// <summary>Whether a seat was given. Then <see cref="Lease"/> is not <see langword="null"/>, and whoever holds this result must dispose it.</summary>
    [System.Diagnostics.CodeAnalysis.MemberNotNullWhen(true, nameof(Lease))]
    public bool IsAdmitted => Lease is not null;

    /// <summary>The seat, until it is disposed; <see langword="null"/> when refused.</summary>
    public AdmissionLease? Lease => _leaseOrHint as AdmissionLease;

    /// <summary>Why no seat was given; <see cref="AdmissionRefusal.None"/> when admitted.</summary>
    public AdmissionRefusal Refusal => (AdmissionRefusal)_refusal;

    /// <summary>The cap that stood in the way. For an admitted visitor: the cap that made it wait, <see cref="AdmissionCap.None"/> when it did not wait.</summary>
    public AdmissionCap BindingCap => (AdmissionCap)_bindingCap;

    /// <summary>
    /// The place in the line of the room: of one who left it without a seat, the one that it had; of one who was refused at the door, the one that it would have
    /// had, as the last of its class. <see langword="null"/> when admitted and where there is no line.
    /// </summary>
    public int? Position => _position == 0 ? null : _position;

    /// <summary>Where to go instead, as <see cref="AdmissionQueue.DrainAsync"/> was told; otherwise <see langword="null"/>.</summary>
    public string? RedirectHint => _leaseOrHint as string;

    /// <summary>
    /// When it is worth trying again, from the measured release rate, between 1 s and 5 min; <see langword="null"/> when admitted,
    /// when the visitor itself left, and when the queue is being disposed.
    /// </summary>
    public TimeSpan? RetryAfter => _retryAfter == 0 ? null : TimeSpan.FromTicks(_retryAfter);

    internal static AdmissionResult Admitted(AdmissionLease lease, AdmissionCap waitedFor) =>
        new(lease, AdmissionRefusal.None, waitedFor, position: 0, retryAfter: null);

    internal static AdmissionResult Refused(AdmissionRefusal refusal, AdmissionCap bindingCap, int position = 0, TimeSpan? retryAfter = null, string? hint = null) =>
        new(hint, refusal, bindingCap, position, retryAfter);
}

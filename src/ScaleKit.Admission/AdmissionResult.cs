using System.Runtime.InteropServices;

namespace ScaleKit.Admission;

/// <summary>The answer to a request for a seat: a lease, or a refusal with its reason. Immutable.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly struct AdmissionResult
{
    // Two words, because it travels by value through every task and two words travel in registers.
    // From the top: the hint in milliseconds (24 bits, 0 for none), the refusal (4), the cap (4).
    private const int RetryShift = 8;
    private const int RefusalShift = 4;
    private const uint FourBits = 15;

    private readonly object? _leaseOrHint;
    private readonly int _position;
    private readonly uint _details;

    private AdmissionResult(object? leaseOrHint, uint details, int position = 0)
    {
        _leaseOrHint = leaseOrHint;
        _position = position;
        _details = details;
    }

    /// <summary>Whether a seat was given. Then <see cref="Lease"/> is not <see langword="null"/>, and whoever holds this result must dispose it.</summary>
    [System.Diagnostics.CodeAnalysis.MemberNotNullWhen(true, nameof(Lease))]
    public bool IsAdmitted => Lease is not null;

    /// <summary>The seat, until it is disposed; <see langword="null"/> when refused.</summary>
    public AdmissionLease? Lease => _leaseOrHint as AdmissionLease;

    /// <summary>Why no seat was given; <see cref="AdmissionRefusal.None"/> when admitted.</summary>
    public AdmissionRefusal Refusal => (AdmissionRefusal)((_details >> RefusalShift) & FourBits);

    /// <summary>The cap that stood in the way. For an admitted visitor: the cap that made it wait, <see cref="AdmissionCap.None"/> when it did not wait.</summary>
    public AdmissionCap BindingCap => (AdmissionCap)(_details & FourBits);

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
    public TimeSpan? RetryAfter => _details >> RetryShift is > 0 and var milliseconds ? TimeSpan.FromMilliseconds(milliseconds) : null;

    internal static AdmissionResult Admitted(AdmissionLease lease, AdmissionCap waitedFor) =>
        new(lease, (uint)waitedFor);

    internal static AdmissionResult Refused(AdmissionRefusal refusal, AdmissionCap bindingCap, int position = 0, TimeSpan? retryAfter = null, string? hint = null)
    {
        var milliseconds = (uint)Math.Ceiling(retryAfter.GetValueOrDefault().TotalMilliseconds);
        return new(hint, (milliseconds << RetryShift) | ((uint)refusal << RefusalShift) | (uint)bindingCap, position);
    }
}

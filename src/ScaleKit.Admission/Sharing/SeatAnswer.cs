using System.Runtime.InteropServices;

namespace ScaleKit.Admission;

/// <summary>The answer to one visitor. Immutable.</summary>
/// <param name="Outcome">What has become of it.</param>
/// <param name="Cap">The cap that binds.</param>
/// <param name="Place">Its place among those who wait for the room, 1 being the next; 0 when it is not in the line.</param>
/// <param name="Number">Granted: the fencing number. Waiting: its number in the line. Refused: the <see cref="AdmissionRefusal"/>.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct SeatAnswer(SeatOutcome Outcome, AdmissionCap Cap, int Place, long Number);

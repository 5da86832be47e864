"""What anybody may see: a license by the QR code on its paper, a case by the signed link on its receipt."""

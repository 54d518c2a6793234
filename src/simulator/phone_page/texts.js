// The page's texts in the three languages of the product.
window.TEXTS = {
  en: {
    title: 'Simulated phones',
    lead: 'Play the phones behind the numbers: link one to a session by picking the QR code that the command center shows, then watch the chats as they arrive and answer as the debtor.',
    newNumber: 'New number', add: 'Add phone', linked: 'Linked', unlinked: 'Not linked', scanCode: 'Scan a QR code',
    unlink: 'Log the device out', pick: 'Pick the code to scan', noCodes: 'No page shows a code right now. Start a session in the command center.',
    paste: 'Or paste the code, or type the linking code', scan: 'Scan', close: 'Close', noChats: 'No chats yet.', reply: 'Answer as the debtor', send: 'Send',
    code: 'QR code', attach: 'Attach a file', image: 'Picture', sticker: 'Sticker', video: 'Video', audio: 'Audio', ptt: 'Voice note', document: 'Document',
  },
  es: {
    title: 'Teléfonos simulados',
    lead: 'Haga de teléfono de cada número: vincúlelo a una sesión eligiendo el código QR que muestra el centro de mando, mire los chats a medida que llegan y responda como el deudor.',
    newNumber: 'Número nuevo', add: 'Agregar teléfono', linked: 'Vinculado', unlinked: 'Sin vincular', scanCode: 'Escanear un código QR',
    unlink: 'Cerrar la sesión del dispositivo', pick: 'Elija el código que va a escanear', noCodes: 'Ninguna página muestra un código ahora. Inicie una sesión en el centro de mando.',
    paste: 'O pegue el código, o escriba el código de vinculación', scan: 'Escanear', close: 'Cerrar', noChats: 'Todavía no hay chats.', reply: 'Responder como el deudor', send: 'Enviar',
    code: 'Código QR', attach: 'Adjuntar un archivo', image: 'Imagen', sticker: 'Sticker', video: 'Video', audio: 'Audio', ptt: 'Nota de voz', document: 'Documento',
  },
  pt: {
    title: 'Telefones simulados',
    lead: 'Faça o papel do telefone de cada número: vincule-o a uma sessão escolhendo o código QR que a central de comando mostra, acompanhe as conversas e responda como o devedor.',
    newNumber: 'Número novo', add: 'Adicionar telefone', linked: 'Vinculado', unlinked: 'Não vinculado', scanCode: 'Ler um código QR',
    unlink: 'Desconectar o dispositivo', pick: 'Escolha o código a ler', noCodes: 'Nenhuma página mostra um código agora. Inicie uma sessão na central de comando.',
    paste: 'Ou cole o código, ou digite o código de vinculação', scan: 'Ler', close: 'Fechar', noChats: 'Ainda não há conversas.', reply: 'Responder como o devedor', send: 'Enviar',
    code: 'Código QR', attach: 'Anexar um arquivo', image: 'Imagem', sticker: 'Figurinha', video: 'Vídeo', audio: 'Áudio', ptt: 'Mensagem de voz', document: 'Documento',
  },
};
